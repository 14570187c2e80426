# From the release archive, which "mvn package -DskipTests" makes: docs/container.md.
ARG BASE=eclipse-temurin:17-jre
FROM ${BASE} AS unpacked
ADD target/support-db-*.tar.gz /
RUN mv /support-db-* /support-db && cd /support-db && mkdir target logs plans backups \
    && chown 10001:10001 target logs plans backups

FROM ${BASE}
COPY --from=unpacked /support-db /support-db
WORKDIR /support-db
USER 10001:10001
ENTRYPOINT ["/support-db/supportdb"]
CMD ["--help"]
