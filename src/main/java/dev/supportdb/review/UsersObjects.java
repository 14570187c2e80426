package dev.supportdb.review;

import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.PostgresPrograms;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlScript;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

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
        try (Connection connection = target.connect()) {
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
        String names = Plural.some(other, NAMED);
        return whyNot == null ? "and what users have added to the target, but for " + names
                : "without what users have added to the target: %s (%s)".formatted(names, whyNot);
    }

    /** Returns why nothing was copied; null when it was. */
    private String tryAll(Connection scratch) throws SQLException, IOException {
        Path file = Files.createTempFile("target", ".sql");
        try {
            PostgresPrograms.of(scratch.getMetaData().getDatabaseMajorVersion(), System.getenv()).run("pg_dump",
                    LibpqVariables.of(target.url(), target.username(), target.password()),
                    List.of("--schema-only", "--no-owner", "--lock-wait-timeout=" + LOCK_WAIT_MILLIS,
                            "--file=" + file));
            try (BufferedReader script = Files.newBufferedReader(file)) {
                SqlScript.read(script, new Trials(scratch));
            }
            Sql.execute(scratch, "reset all");
            return null;
        } catch (IOException e) {
            return e.getMessage().lines().findFirst().orElse("pg_dump failed");
        } finally {
            Files.delete(file);
        }
    }

    /** Runs what can be run. What is there already refuses; what else is missing, the fingerprints tell. */
    private record Trials(Connection scratch) implements SqlScript.Handler {

        @Override
        public void statement(String sql) {
            try {
                Sql.execute(scratch, sql);
            } catch (SQLException there) {
                // The fingerprints will show what is missing.
            }
        }

        @Override
        public void copy(String sql, SqlScript.Rows rows) {
            throw new IllegalStateException("A schema has no rows: " + sql);
        }
    }
}
