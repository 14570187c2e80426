package dev.supportdb.session;

import dev.supportdb.postgres.LockRetry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;

/** The settings of a migrating session. */
final class SessionSettings {

    static final String APPLICATION_NAME = "support-db";

    /** DDL that waits for a table makes everyone after it wait too. A script cannot try again, so it waits longer. */
    static final String FOR_SCRIPT = "3s";

    /**
     * For what works CONCURRENTLY: its SHARE UPDATE EXCLUSIVE lock stands in the way of no read and no write, and its
     * last wait is for old snapshots of unrelated sessions.
     */
    static final String PATIENT = "10min";

    /**
     * What a script needs as well. The functions of the changelog look into the schema public, so that is where all of
     * it goes, whatever schema comes first for the user. The SQL is written for standard strings, and a backfill for a
     * snapshot of its own for each statement.
     *
     * <p>Liquibase puts what has run in order by the clock on the wall: two runs in two time zones, or one before and
     * one after summer time ends, would be undone in the wrong order. So there is one zone for all.
     */
    static final List<String> FOR_ALL = List.of(
            "set statement_timeout = 0",
            "set search_path = public",
            "set standard_conforming_strings = on",
            "set default_transaction_isolation = 'read committed'",
            "set timezone = 'UTC'");

    /**
     * An index may take hours, so no statement timeout, not even one of the role. A client that hangs inside a
     * transaction must not keep its locks. A client that was killed is noticed within a second even while a statement
     * runs, so that its advisory lock goes; not every platform can do that, and there it is left out. One whose network
     * is gone says nothing at all: it is asked for, and given up after a minute.
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
            """.formatted(LockRetry.TIMEOUT, String.join(";\n", FOR_ALL), APPLICATION_NAME);

    private static final Pattern COMMENTS = Pattern.compile("--[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    private static final Pattern CONCURRENTLY = Pattern.compile("""
            \\s*(create\\s+(unique\\s+)?index|drop\\s+index|reindex(\\s*\\([^)]*\\))?\\s+\\w+)\\s+concurrently\\b.*""",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private SessionSettings() {}

    /** Sets them for the session. Commits, since a rollback would take them back: nothing may be under way. */
    static void apply(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(SETTINGS);
        }
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
    }

    static boolean deservesPatience(String sql) {
        return CONCURRENTLY.matcher(COMMENTS.matcher(sql).replaceAll(" ")).matches();
    }
}
