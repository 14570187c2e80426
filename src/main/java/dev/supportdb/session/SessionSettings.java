package dev.supportdb.session;

import dev.supportdb.postgres.LockRetry;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;

/** Settings of a migrating session. */
final class SessionSettings {

    static final String APPLICATION_NAME = "support-db";

    /** DDL that waits for a table makes everyone after it wait too. A script cannot retry, so it waits longer. */
    static final String SCRIPT_LOCK_TIMEOUT = "3s";

    /**
     * A statement that works CONCURRENTLY may wait long: its SHARE UPDATE EXCLUSIVE lock blocks no read and no write,
     * and its last wait is for old snapshots of unrelated sessions.
     */
    static final String CONCURRENT_LOCK_TIMEOUT = "10min";

    /**
     * Settings that a run and a script need alike. The functions of the changelog look into the schema public, so that
     * is where all of it goes, whatever schema comes first for the user. The SQL is written for standard strings, and a
     * backfill for a snapshot of its own for each statement.
     *
     * <p>A table whose policies hide rows from the session is an error: a data-loss check would count the others only.
     *
     * <p>Liquibase orders the history by local time: two runs in two time zones, or one before and one after summer
     * time ends, would be undone in the wrong order. So there is one zone for all.
     */
    static final List<String> RUN_AND_SCRIPT = List.of(
            "set statement_timeout = 0",
            "set search_path = public",
            "set row_security = off",
            "set standard_conforming_strings = on",
            "set default_transaction_isolation = 'read committed'",
            "set timezone = 'UTC'");

    /**
     * Settings of a run. An index may take hours, so there is no statement timeout, not even one of the role. A client
     * that hangs inside a transaction must not keep its locks. The server notices within a second that a client was
     * killed, even while a statement runs, and releases its advisory lock; platforms that cannot do that refuse the
     * setting. A client whose network is gone sends nothing at all: keepalives find it within a minute.
     */
    private static final String SETTINGS = """
            set lock_timeout = '%s';
            %s;
            set application_name = '%s';
            set idle_in_transaction_session_timeout = '60s';
            set tcp_keepalives_idle = 30;
            set tcp_keepalives_interval = 10;
            set tcp_keepalives_count = 3;
            do $$
            begin
              set client_connection_check_interval = '1s';
            exception when invalid_parameter_value then
              null;
            end $$
            """.formatted(LockRetry.TIMEOUT, String.join(";\n", RUN_AND_SCRIPT), APPLICATION_NAME);

    private static final Pattern COMMENTS = Pattern.compile("--[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    private static final Pattern CONCURRENTLY = Pattern.compile("""
            \\s*(create\\s+(unique\\s+)?index|drop\\s+index|reindex(\\s*\\([^)]*\\))?\\s+\\w+)\\s+concurrently\\b.*""",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private SessionSettings() {}

    /** Applies the settings to the session, and commits, since a rollback would undo them: no work may be pending. */
    static void apply(Connection connection) throws SQLException {
        Sql.execute(connection, SETTINGS);
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
    }

    /** Whether the statement builds, drops or rebuilds an index CONCURRENTLY. */
    static boolean worksConcurrently(String sql) {
        return CONCURRENTLY.matcher(COMMENTS.matcher(sql).replaceAll(" ")).matches();
    }
}
