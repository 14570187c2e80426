package dev.supportdb.session;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The schemas of a session before a run changes any setting.
 *
 * @param named   the first schema of the search path, if the URL or a later setting of the connection sets the path;
 * null if the path comes from the role, the database or the server
 * @param history the schema in which the search path finds a history; null if there is none
 * @param isRuled whether a run under the rules of this project has created that history
 */
record SessionPlace(String named, String history, boolean isRuled) {

    /** @param table the name of the history table, as Liquibase writes it */
    static SessionPlace of(Connection connection, String table) throws SQLException {
        String named = Sql.text(connection, """
                select case when source in ('client', 'session') then coalesce(current_schema(), setting) end
                from pg_settings where name = 'search_path'
                """);
        Optional<SessionPlace> place = Sql.optionalRow(connection, """
                select nspname, relreplident = 'f'
                from pg_class c join pg_namespace n on n.oid = relnamespace
                -- Nothing has been checked yet: types as they are, lest anybody's function or operator fits better.
                where c.oid = pg_catalog.to_regclass(?::text)::oid
                """, row -> new SessionPlace(named, row.getString(1), row.getBoolean(2)), table);
        return place.orElseGet(() -> new SessionPlace(named, null, false));
    }
}
