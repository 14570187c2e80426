package dev.supportdb.review;

import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLexer;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Brings to a scratch database, which the changelog has made, what a target has besides: indexes, triggers, views,
 * policies, functions and tables of its users. {@code pg_dump} writes the schema, every statement of it is tried, and
 * what is there already refuses; what is not the same in the end is named by the fingerprints.
 */
record UsersObjects(TargetDatabase target) {

    private static final int NAMED = 5;
    private static final String LOCK_WAIT_MILLIS = "1000";

    /**
     * Copies what it can. The target is only read.
     *
     * @param scratch a session that is used for nothing else, in auto-commit mode
     * @return a part of a sentence: what the copy has and what it lacks
     */
    String copyTo(Connection scratch) throws SQLException, IOException {
        SchemaFingerprint wanted;
        try (Connection connection = DriverManager.getConnection(target.url(), target.username(), target.password())) {
            wanted = SchemaFingerprint.of(connection);
        }
        if (Difference.between(wanted, SchemaFingerprint.of(scratch)).isEmpty()) {
            return "which is all that the target has";
        }
        String whyNot = tryAll(scratch);
        List<String> other = List.copyOf(
                Difference.between(wanted, SchemaFingerprint.of(scratch)).objects().keySet());
        if (other.isEmpty()) {
            return "and what users have added to the target";
        }
        String names = other.stream().limit(NAMED).collect(Collectors.joining(", "))
                + (other.size() > NAMED ? " and %d more".formatted(other.size() - NAMED) : "");
        return whyNot == null ? "and what users have added to the target, but for " + names
                : "without what users have added to the target: %s (%s)".formatted(names, whyNot);
    }

    /** Returns why nothing was copied; null when it was. */
    private String tryAll(Connection scratch) throws SQLException, IOException {
        Path file = Files.createTempFile("target", ".sql");
        try {
            String failure = dump(file);
            if (failure != null) {
                return failure;
            }
            // Lines with a backslash are for psql.
            String script = Files.readString(file).replaceAll("(?m)^\\\\.*$", "");
            for (String statement : statements(script)) {
                try {
                    Sql.execute(scratch, statement);
                } catch (SQLException there) {
                    // It is there already; what else it can be, the fingerprints tell.
                }
            }
            Sql.execute(scratch, "reset all");
            return null;
        } finally {
            Files.delete(file);
        }
    }

    private String dump(Path file) throws IOException {
        DatabaseUrl url = DatabaseUrl.of(target.url(), "The URL of the target");
        ProcessBuilder dump = new ProcessBuilder("pg_dump", "--schema-only", "--no-owner", "--no-password",
                "--lock-wait-timeout=" + LOCK_WAIT_MILLIS, "--file=" + file,
                "--dbname=" + url.jdbc().replaceFirst("^jdbc:", "").replaceFirst("[?].*", ""))
                .redirectErrorStream(true);
        if (target.username() != null) {
            dump.environment().put("PGUSER", target.username());
        }
        if (target.password() != null) {
            dump.environment().put("PGPASSWORD", target.password());
        }
        try {
            Process process = dump.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? null : said.strip().lines().findFirst().orElse("pg_dump failed");
        } catch (IOException e) {
            return "no pg_dump on the PATH";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static List<String> statements(String script) {
        String bare = SqlLexer.bare(script);
        List<String> statements = new ArrayList<>();
        int from = 0;
        for (int at = bare.indexOf(';'); at >= 0; at = bare.indexOf(';', from)) {
            statements.add(script.substring(from, at));
            from = at + 1;
        }
        return statements;
    }
}
