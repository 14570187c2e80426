package dev.supportdb.session;

import dev.supportdb.postgres.LockRetry;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLiteral;
import dev.supportdb.postgres.SynchronousStandbys;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;

/** The settings of a migrating session. */
final class SessionSettings {

    static final String APPLICATION_NAME = "support-db";

    /**
     * The lock timeout of a script. DDL that waits for a table makes all later statements wait too; a script cannot
     * retry, so it waits longer than a run.
     */
    static final String SCRIPT_LOCK_TIMEOUT = "3s";

    /**
     * The lock timeout of a statement that works CONCURRENTLY. It may be long: the SHARE UPDATE EXCLUSIVE lock blocks
     * no reads or writes, and the last wait is for old snapshots of unrelated sessions.
     */
    static final String CONCURRENT_LOCK_TIMEOUT = "10min";

    /** The schema of a changelog that does not name one, or of a command without a changelog. */
    static final String PUBLIC = "public";

    /**
     * The settings of both a run and a script. Everything goes into the schema that the changelog names, whatever the
     * user's search path, since the functions name this schema. The SQL needs standard strings, and a backfill needs a
     * new snapshot for each statement.
     *
     * <p>An index build may take hours, and a backfill may wait as long, so none of the role's own timeouts ends them.
     *
     * <p>A table whose policies hide rows from the session is an error: a data-loss check would count only the visible
     * rows.
     *
     * <p>Liquibase orders the history by local time, so two runs in different time zones, or before and after a change
     * to winter time, would be undone in the wrong order. All runs use one time zone.
     */
    static List<String> runAndScript(String schema) {
        return List.of(
                "set statement_timeout = 0",
                "set idle_session_timeout = 0",
                NO_TRANSACTION_TIMEOUT,
                // Within quotes, the setting is a single name, whatever characters it contains.
                "set search_path = " + (schema.equals(PUBLIC) ? schema : SqlLiteral.of(schema)),
                "set row_security = off",
                "set standard_conforming_strings = on",
                "set default_transaction_isolation = 'read committed'",
                "set timezone = 'UTC'",
                SynchronousStandbys.COMMIT_LOCALLY,
                NOTICE_DEAD_CLIENT);
    }

    /** PostgreSQL 15 and 16 do not know this setting. */
    private static final String NO_TRANSACTION_TIMEOUT = """
            do $$
            begin
                set transaction_timeout = 0;
            exception when undefined_object then
                null;
            end $$""";

    private static final String NOTICE_DEAD_CLIENT = """
            do $$
            begin
                set client_connection_check_interval = '1s';
            exception when invalid_parameter_value then
                null;
            end $$""";

    private static final String KEEPALIVES = """
            set tcp_keepalives_idle = 30;
            set tcp_keepalives_interval = 10;
            set tcp_keepalives_count = 3
            """;

    /**
     * The settings of any run, for its lock. The server notices within a second that a client was killed, even while a
     * statement runs, and releases the advisory lock; platforms that cannot do this refuse the setting. If the network
     * of a client is gone, keepalives notice it within a minute.
     */
    static final String FOR_LOCK = NOTICE_DEAD_CLIENT + ";\n" + KEEPALIVES;

    private static final Pattern COMMENTS = Pattern.compile("--[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    private static final Pattern CONCURRENTLY = Pattern.compile("""
            \\s*(create\\s+(unique\\s+)?index|drop\\s+index|reindex(\\s*\\([^)]*\\))?\\s+\\w+)\\s+concurrently\\b.*""",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private SessionSettings() {}

    /**
     * The settings of a run under the rules of this project. A client that hangs inside a transaction must not keep its
     * locks.
     *
     * @param schema the schema of the run
     */
    static String underRules(String schema) {
        return """
                set lock_timeout = '%s';
                %s;
                set application_name = '%s';
                set idle_in_transaction_session_timeout = '60s';
                %s""".formatted(LockRetry.TIMEOUT, String.join(";\n", runAndScript(schema)), APPLICATION_NAME,
                KEEPALIVES);
    }

    /** Applies settings to the session and commits, since a rollback would undo them. No work may be pending. */
    static void apply(Connection connection, String settings) throws SQLException {
        Sql.execute(connection, settings);
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
    }

    /** Returns whether the statement builds, drops or rebuilds an index CONCURRENTLY. */
    static boolean worksConcurrently(String sql) {
        return CONCURRENTLY.matcher(COMMENTS.matcher(sql).replaceAll(" ")).matches();
    }
}
