package dev.supportdb.session;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * The schemas of a session before a run changes any setting.
 *
 * @param named   the first schema of the search path, if the URL or a later setting of the connection sets the path;
 * null if the path comes from the role, the database or the server
 * @param history the schema in which the search path finds a history; null if there is none
 * @param ruled   all schemas with a history that a run under the rules of this project has created
 */
record SessionPlace(String named, String history, Set<String> ruled) {

    /** @param table the name of the history table, as Liquibase writes it */
    static SessionPlace of(Connection connection, String table) throws SQLException {
        String named = Sql.text(connection, """
                select case when source in ('client', 'session') then coalesce(current_schema(), setting) end
                from pg_settings where name = 'search_path'
                """);
        // Nothing has been checked yet: types as they are, lest anybody's function or operator fits better.
        String history = Sql.optionalRow(connection, """
                select nspname from pg_class c join pg_namespace n on n.oid = relnamespace
                where c.oid = pg_catalog.to_regclass(?::text)::oid
                """, row -> row.getString(1), table).orElse(null);
        List<String> ruled = Sql.texts(connection, """
                select nspname from pg_class c join pg_namespace n on n.oid = relnamespace
                where relname = ?::name and relreplident = 'f'
                """, table);
        return new SessionPlace(named, history, Set.copyOf(ruled));
    }

    /** Returns whether a run under the rules of this project has created the history. */
    boolean isRuled() {
        return history != null && ruled.contains(history);
    }
}
