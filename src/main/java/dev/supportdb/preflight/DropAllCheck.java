package dev.supportdb.preflight;

import dev.supportdb.postgres.LiquibaseExecutor;
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
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.DropAllCommandStep;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;

/**
 * Checks {@code dropAll}, which drops everything in a schema, by any owner: it must not lose rows that nobody has
 * agreed to discard, nor stop half-way at an object of another role. It is a separate step before Liquibase's:
 * liquibase-commercial overrides that one, and a step has only one override.
 */
public final class DropAllCheck extends AbstractCommandStep {

    private static final String[][] COMMAND = {{"dropAll"}};

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

    @Override
    public String[][] defineCommandNames() {
        return COMMAND;
    }

    @Override
    public List<Class<?>> requiredDependencies() {
        return List.of(Database.class);
    }

    @Override
    public int getOrder(CommandDefinition command) {
        int order = super.getOrder(command);
        return order > 0 ? order - 1 : order;
    }

    @Override
    public void run(CommandResultsBuilder resultsBuilder) throws Exception {
        CommandScope command = resultsBuilder.getCommandScope();
        if (command.getDependency(Database.class) instanceof SupportDatabase database && database.hasRules()
                && LiquibaseExecutor.updatesDatabase(database)
                && database.getConnection() instanceof JdbcConnection connection) {
            Preflight.printable(() -> check(command, database, connection.getUnderlyingConnection()));
        }
    }

    private static void check(CommandScope command, SupportDatabase database, Connection connection)
            throws SQLException, CommandExecutionException {
        String[] own = {database.getDatabaseChangeLogTableName().toLowerCase(Locale.ROOT),
            database.getDatabaseChangeLogLockTableName().toLowerCase(Locale.ROOT)};
        List<String> ofOthers = new ArrayList<>();
        List<String> tables = new ArrayList<>();
        List<String> withRows = new ArrayList<>();
        for (String schema : schemas(command, database)) {
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

    private static List<String> schemas(CommandScope command, SupportDatabase database) {
        CatalogAndSchema[] given = command.getArgumentValue(DropAllCommandStep.CATALOG_AND_SCHEMAS_ARG);
        String typed = command.getArgumentValue(DropAllCommandStep.SCHEMAS_ARG);
        return given != null ? Stream.of(given).map(CatalogAndSchema::getSchemaName).toList()
                : typed != null ? List.of(typed.strip().split("\\s*,\\s*"))
                : List.of(database.getDefaultSchemaName());
    }
}
