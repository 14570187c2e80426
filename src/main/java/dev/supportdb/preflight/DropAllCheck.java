package dev.supportdb.preflight;

import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.Sql;
import dev.supportdb.session.SupportDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import liquibase.CatalogAndSchema;
import liquibase.command.CommandScope;
import liquibase.command.core.DropAllCommandStep;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;

/**
 * Checks {@code dropAll}, which drops everything in a schema, by any owner: it must not lose rows that nobody has
 * agreed to discard, nor stop half-way at an object of another role.
 */
public final class DropAllCheck extends EarlyCheck {

    private static final int NAMED = 10;

    private static final String TABLES = """
            select c.oid::regclass::text
            from pg_class c
            where relnamespace::regnamespace::text = quote_ident(?::text) and relkind = 'r' and relname <> all (?::text[])
            order by 1
            """;

    private static final String OF_OTHERS = """
            select format('%s of %s', c.oid::regclass, relowner::regrole)
            from pg_class c
            where relnamespace::regnamespace::text = quote_ident(?::text) and relkind in ('r', 'p', 'f', 'v', 'm', 'S')
                and not pg_has_role(relowner, 'usage')
            order by 1
            """;

    /** Called by Liquibase, which loads it as a service. */
    public DropAllCheck() {
        super("dropAll");
    }

    @Override
    void check(CommandScope command, SupportDatabase database)
            throws SQLException, DatabaseException, CommandExecutionException {
        Connection connection = database.getConnection().getUnderlyingConnection();
        String[] own = {database.getDatabaseChangeLogTableName().toLowerCase(Locale.ROOT),
            database.getDatabaseChangeLogLockTableName().toLowerCase(Locale.ROOT)};
        List<String> ofOthers = new ArrayList<>();
        List<String> tables = new ArrayList<>();
        List<String> withRows = new ArrayList<>();
        List<String> schemas = schemas(command, database);
        refuseOtherSchemas(schemas, database);
        for (String schema : schemas) {
            ofOthers.addAll(Sql.texts(connection, OF_OTHERS, schema));
            tables.addAll(Sql.texts(connection, TABLES, schema, connection.createArrayOf("text", own)));
        }
        if (!ofOthers.isEmpty()) {
            throw new CommandExecutionException("""
                    dropAll would stop half-way, because these belong to other roles: %s. Nothing has been changed. \
                    Let their owners drop them, or undo only what the changelog has created: mvn liquibase:rollback"""
                    .formatted(Plural.some(ofOthers, NAMED)));
        }
        if (RefuseChange.discarded().contains(RefuseChange.ALL)) {
            return;
        }
        for (String table : tables) {
            if (Sql.exists(connection, "select from " + table + " limit 1")) {
                withRows.add(table);
            }
        }
        if (!withRows.isEmpty()) {
            throw new CommandExecutionException("""
                    dropAll would drop everything in the schema, by any owner, with the rows of %s: %s. Nothing \
                    has been changed. To discard them, run the same command with -D%s=%s""".formatted(
                    Plural.of(withRows.size(), "table"), Plural.some(withRows, NAMED), RefuseChange.Settings.DISCARD,
                    RefuseChange.ALL));
        }
    }

    /** Refuses to drop only other schemas: Liquibase would drop its own tables in this one with them. */
    private static void refuseOtherSchemas(List<String> schemas, SupportDatabase database)
            throws SQLException, DatabaseException, CommandExecutionException {
        try (CatalogSession session = CatalogSession.of(database)) {
            if (!schemas.contains(session.schema()) && session.hasHistory()) {
                throw new CommandExecutionException("""
                        dropAll would also drop the history in schema %s and leave the tables of that history, so that \
                        the next update would fail. Nothing has been changed. Drop only the other schema with SQL:
                          drop schema %s cascade;""".formatted(session.historySchema(), Sql.text(session.connection(),
                        "select string_agg(quote_ident(name), ', ') from unnest(?) name",
                        session.connection().createArrayOf("text", schemas.toArray()))));
            }
        }
    }

    private static List<String> schemas(CommandScope command, SupportDatabase database) {
        CatalogAndSchema[] given = command.getArgumentValue(DropAllCommandStep.CATALOG_AND_SCHEMAS_ARG);
        String typed = command.getArgumentValue(DropAllCommandStep.SCHEMAS_ARG);
        Stream<CatalogAndSchema> schemas = given != null ? Stream.of(given)
                : typed != null && !typed.isEmpty() ? Stream.of(typed.strip().split("\\s*,\\s*"))
                        .map(name -> new CatalogAndSchema(null, name))
                : Stream.of(CatalogAndSchema.DEFAULT);
        return schemas.map(schema -> schema.customize(database).getSchemaName()).toList();
    }
}
