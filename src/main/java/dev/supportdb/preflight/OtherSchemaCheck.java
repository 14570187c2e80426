package dev.supportdb.preflight;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;

/**
 * Finds a history of this changelog in a schema where the run does not look, if the run's schema has none: the update
 * would build a second schema beside the first one and leave that and its rows unchanged. A schema other than the
 * default that the user has named is intended.
 */
final class OtherSchemaCheck {

    private static final String USUAL = "public";

    /** The histories that this role can read: a hidden one belongs to another application. */
    private static final String HISTORIES = """
            select quote_ident(nspname), quote_ident(relname)
            from pg_class c join pg_namespace n on n.oid = relnamespace
            where lower(relname) = lower(?) and relkind in ('r', 'p') and nspname <> ? and nspname !~ '^pg_'
              and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
              and (select count(*) from pg_attribute where attrelid = c.oid
                  and attname in ('id', 'author', 'filename') and not attisdropped) = 3
            order by 1
            """;

    private final Database database;

    OtherSchemaCheck(Database database) {
        this.database = database;
    }

    /** Refuses to build a second schema. */
    void check(String changelogFile) throws SQLException, LiquibaseException {
        try (CatalogSession session = CatalogSession.of(database)) {
            Connection connection = session.connection();
            String schema = session.historySchema();
            String table = database.getDatabaseChangeLogTableName();
            if (!schema.equals(USUAL) || session.hasHistory()) {
                return;
            }
            List<String[]> histories = Sql.rows(connection, HISTORIES,
                    row -> new String[] {row.getString(1), row.getString(2)}, table, schema);
            for (String[] history : histories) {
                long known = known(connection, history[0] + "." + history[1], changelogFile);
                if (known > 0) {
                    throw new CommandExecutionException(refusal(schema, history[0], history[1], known));
                }
            }
        }
    }

    /** The number of this changelog's changesets in a history. */
    private static long known(Connection connection, String history, String changelogFile)
            throws SQLException, LiquibaseException {
        String[] changeSets = Changelog.parse(changelogFile, Map.of()).getChangeSets().stream()
                .map(OtherSchemaCheck::key).toArray(String[]::new);
        return Sql.number(connection, "select count(*) from %s where filename || '::' || id || '::' || author = any (?)"
                .formatted(history), connection.createArrayOf("text", changeSets));
    }

    private static String key(ChangeSet changeSet) {
        return changeSet.getFilePath() + "::" + changeSet.getId() + "::" + changeSet.getAuthor();
    }

    private static String refusal(String schema, String other, String table, long known) {
        return """
                Schema %2$s has this changelog already: %2$s.%3$s counts %4$d of its changesets. A run works in %1$s, \
                where there is no history, and would build a second, empty schema there. Nothing has been changed.
                To continue with the existing schema, run this as the owner of the database. If %1$s contains objects \
                of others, the first line fails and nothing is lost:
                  drop schema %1$s;
                  alter schema %2$s rename to %1$s;
                Or, if %2$s is a copy that is not migrated any more:
                  alter table %2$s.%3$s rename to %3$s_of_copy;""".formatted(schema, other, table, known);
    }
}
