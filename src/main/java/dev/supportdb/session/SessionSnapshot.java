package dev.supportdb.session;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings of a session that somebody has lent, such as a connection of an application's pool, to be put back when
 * the run is over: those set in the session, its role, and whether each statement commits. All others are as they were
 * when the session began, and the server knows them.
 *
 * @param names  of the settings made in the session, the user and the role last, whose rights setting others may take
 * @param values of the same, in their order
 */
record SessionSnapshot(Connection connection, boolean autoCommit, List<String> names, List<String> values) {

    private record Setting(String name, String value) {}

    /** @param autoCommit what the connection had before Liquibase changed it */
    static SessionSnapshot of(Connection connection, boolean autoCommit) throws SQLException {
        List<Setting> settings = new ArrayList<>(Sql.rows(connection, """
                select name, setting from pg_settings where source = 'session' and name !~ '^transaction_'
                """, row -> new Setting(row.getString(1), row.getString(2))));
        settings.add(new Setting("session_authorization", Sql.text(connection, "select session_user")));
        settings.add(new Setting("role", Sql.text(connection, "select current_setting('role')")));
        return new SessionSnapshot(connection, autoCommit, settings.stream().map(Setting::name).toList(),
                settings.stream().map(Setting::value).toList());
    }

    /** Rolls back what is under way, and puts the session back as it was. One that is lost has nothing to put back. */
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
