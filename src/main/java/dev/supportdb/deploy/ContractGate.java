package dev.supportdb.deploy;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Phase;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import liquibase.changelog.ChangeSet;

/**
 * Finds old applications that still use columns which the phase contract drops. A feature declares in
 * {@code old_shapes} its old column and which writes are those of an old application; its trigger records these. Reads
 * are known only if the server counts statements, and may include those of a new application.
 */
final class ContractGate {

    private static final String IS_THERE = "select to_regclass('public.old_shapes') is not null";

    /** The time since the last write, or since recording started, whichever is shorter. */
    private static final String WRITES = """
            select s.table_name || '.' || s.column_name as "column", s.old_write,
                extract(epoch from now() - greatest(s.since, w.last_seen)) as quiet,
                coalesce(w.who, 'nobody since ' || date_trunc('second', s.since)) as who
            from public.old_shapes s
            left join lateral (
                select max(last_seen) as last_seen, string_agg(format('%s (user %s) at %s',
                    coalesce(nullif(application_name, ''), 'an application without a name'), username,
                    date_trunc('second', last_seen)), ', ' order by last_seen desc) as who
                from (
                    select application_name, username, max(seen_at) as last_seen
                    from public.old_shape_writes n where n.feature = s.feature
                    group by application_name, username) by_application) w on true
            where s.feature = ?
            """;

    /** The schema of pg_stat_statements, if the server loads it and this user may see the statements of all users. */
    private static final String STATEMENTS = """
            select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
            where e.extname = 'pg_stat_statements' and pg_has_role('pg_read_all_stats', 'usage')
                and current_setting('shared_preload_libraries') ~ 'pg_stat_statements'
            """;

    /**
     * Counts calls of statements that contain the names; a comment counts too. Excludes kinds of statements that
     * applications do not use, such as those of backups.
     */
    private static final String CALLS = """
            select s.feature, st.queryid, max(st.query) as query, sum(st.calls) as calls
            from public.old_shapes s join %s.pg_stat_statements st
                on st.query ~* ('\\m' || s.table_name || '\\M') and st.query ~* ('\\m' || s.column_name || '\\M')
            where s.old_write is not null and st.dbid = (select oid from pg_database where datname = current_database())
                and st.query !~* '^\\s*(alter|analyze|comment|copy|create|do|drop|explain|grant|lock|revoke|vacuum)\\M'
            group by s.feature, st.queryid
            """;

    private static final String STORED = """
            select json_object_agg(feature, calls) from (
                select s.feature, coalesce(json_object_agg(queryid, calls) filter (where queryid is not null), '{}')
                    as calls
                from public.old_shapes s left join (%s) c using (feature)
                where s.old_write is not null group by s.feature) features
            """;

    private static final String IS_STORED = "select from public.supportdb_runs where reads -> ? is not null";

    /** Counts calls since the stored count. After a reset of the server's statistics, the count starts at zero. */
    private static final String SINCE_STORED = """
            with stored as (
                select reads -> ? as calls, ended from public.supportdb_runs
                where reads -> ? is not null order by ended desc limit 1)
            select coalesce(sum(more), 0) as calls,
                (select date_trunc('second', ended)::text from stored) as since,
                (array_agg(left(regexp_replace(query, '\\s+', ' ', 'g'), 100) order by more desc))[1] as most
            from (
                select c.query, c.calls - case when s.calls <= c.calls then s.calls else 0 end as more
                from (%s) c cross join lateral (
                    select coalesce((select (stored.calls ->> c.queryid::text)::bigint from stored), 0) as calls) s
                where c.feature = ?) counted
            """;

    private final Connection connection;
    private final Duration quietFor;
    private final Changelog changelog;
    private final List<DeployEvent.Finding> findings = new ArrayList<>();

    /** @param quietFor how long no one may have written the old shape */
    ContractGate(Connection connection, Duration quietFor, Changelog changelog) {
        this.connection = connection;
        this.quietFor = quietFor;
        this.changelog = changelog;
    }

    /**
     * Returns the findings for these changesets.
     *
     * @param ran whether a changeset has already run
     */
    List<DeployEvent.Finding> findings(List<ChangeSet> toRun, Predicate<ChangeSet> ran) throws SQLException {
        List<ChangeSet> contract =
                toRun.stream().filter(changeSet -> Phase.of(changeSet).contains(Phase.CONTRACT)).toList();
        boolean isThere = Sql.isTrue(connection, IS_THERE);
        List<String> atOnce = new ArrayList<>();
        for (FeatureSlice slice : FeatureSlice.of(changelog, contract)) {
            if (slice.feature().workingChangeSets().stream().noneMatch(ran)) {
                atOnce.add(slice.feature().id());
            } else if (!isThere || !ofWrites(slice.feature().name())) {
                warning("""
                        Whether an old application still uses what the phase contract of %s drops is unknown, \
                        because it does not declare the column: docs/phases.md""".formatted(slice.feature().id()));
            }
        }
        if (!atOnce.isEmpty() && changelog.features().stream()
                .anyMatch(feature -> feature.workingChangeSets().stream().anyMatch(ran))) {
            warning("""
                    An old application does not survive the phase contract of %s, which runs in one go with \
                    the phases before it. While one runs: --phase=expand""".formatted(String.join(", ", atOnce)));
        }
        return findings;
    }

    /** Adds the findings for a feature. Returns whether it declares its old shape. */
    private boolean ofWrites(String feature) throws SQLException {
        return Sql.optionalRow(connection, WRITES, row -> {
            String written = row.getString("old_write");
            if (written != null) {
                if (row.getDouble("quiet") < quietFor.toSeconds()) {
                    findings.add(new DeployEvent.Finding(true, PrintableText.of("""
                            An old application may still write %s (%s): %s. The phase contract of %s waits until that \
                            is %s ago, or for --quiet-for=0""".formatted(row.getString("column"), written,
                            row.getString("who"), feature, Age.text(quietFor)))));
                }
                ofReads(feature, row.getString("column"));
            }
            return true;
        }, feature).isPresent();
    }

    private void ofReads(String feature, String column) throws SQLException {
        List<String> schema = Sql.texts(connection, STATEMENTS);
        if (schema.isEmpty()) {
            warning("Whether an old application still reads %s is unknown: this user sees no pg_stat_statements"
                    .formatted(column));
            return;
        }
        if (!RunRecord.areKept(connection) || !Sql.exists(connection, IS_STORED, feature)) {
            warning("Whether an old application still reads %s is unknown: no deployment of the phase backfill has "
                    .formatted(column) + "stored what pg_stat_statements counts");
            return;
        }
        Sql.row(connection, SINCE_STORED.formatted(CALLS.formatted(schema.get(0))), row -> {
            if (row.getLong("calls") > 0) {
                warning(String.format(Locale.ROOT, """
                        Since %s statements that name %s have been called, %,d in all; an old application's may be \
                        among them. Most often: %s""", row.getString("since"), column, row.getLong("calls"),
                        row.getString("most")));
            }
            return row;
        }, feature, feature, feature);
    }

    /** The number of calls of statements that name the columns, as JSON; null if the server does not count. */
    static String reads(Connection connection) throws SQLException {
        List<String> schema = Sql.texts(connection, STATEMENTS);
        return schema.isEmpty() || !Sql.isTrue(connection, IS_THERE) ? null
                : Sql.text(connection, STORED.formatted(CALLS.formatted(schema.get(0))));
    }

    private void warning(String text) {
        findings.add(new DeployEvent.Finding(false, PrintableText.of(text)));
    }
}
