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
 * Copies to a scratch database, built from the changelog, the other objects of a target: indexes, triggers, views,
 * policies, functions and tables of its users. {@code pg_dump} writes the schema, and every statement is tried;
 * statements for existing objects fail. The fingerprints show what still differs at the end.
 */
record UsersObjects(TargetDatabase target) {

    private static final int NAMED = 5;
    private static final String LOCK_WAIT_MILLIS = "1000";

    /**
     * Copies what it can. The target is only read.
     *
     * @param scratch a session for this use only, in auto-commit mode
     * @return a part of a sentence about what the copy has and lacks
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

    /** Tries all statements; returns the reason why nothing was copied, or null. */
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

    /** Runs each statement. Those for existing objects fail; the fingerprints show other missing objects. */
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
