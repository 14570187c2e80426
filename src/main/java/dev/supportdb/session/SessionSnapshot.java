package dev.supportdb.session;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings of a borrowed session, such as a connection of an application's pool, to be restored after the run: the
 * settings made in the session, its role, and its auto-commit mode. All other settings have the values of the session's
 * start, which the server knows.
 *
 * @param names  the settings made in the session; user and role come last, because setting the others may need their
 * privileges
 * @param values the values, in the same order
 */
record SessionSnapshot(Connection connection, boolean autoCommit, List<String> names, List<String> values) {

    private record Setting(String name, String value) {}

    /** @param autoCommit the mode of the connection before Liquibase changed it */
    static SessionSnapshot of(Connection connection, boolean autoCommit) throws SQLException {
        List<Setting> settings = new ArrayList<>(Sql.rows(connection, """
                select name, setting from pg_settings where source = 'session' and name !~ '^transaction_'
                """, row -> new Setting(row.getString(1), row.getString(2))));
        settings.add(new Setting("session_authorization", Sql.text(connection, "select session_user")));
        settings.add(new Setting("role", Sql.text(connection, "select current_setting('role')")));
        return new SessionSnapshot(connection, autoCommit, settings.stream().map(Setting::name).toList(),
                settings.stream().map(Setting::value).toList());
    }

    /** Rolls back the open transaction and restores the settings. Does nothing if the session is lost. */
    void restore() throws SQLException {
        if (connection.isClosed()) {
            return;
        }
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
        Sql.execute(connection, "reset session authorization; reset role; reset all");
        Sql.rows(connection, """
                select set_config(name, value, false)
                from unnest(?::text[], ?::text[]) with ordinality setting (name, value, place) order by place
                """, row -> row.getString(1), names.toArray(String[]::new),
                values.toArray(String[]::new));
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
        connection.setAutoCommit(autoCommit);
    }
}
