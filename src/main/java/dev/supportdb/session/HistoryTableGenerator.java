package dev.supportdb.session;

import java.util.Arrays;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sql.Sql;
import liquibase.sql.UnparsedSql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.sqlgenerator.core.CreateDatabaseChangeLogTableGenerator;
import liquibase.statement.core.CreateDatabaseChangeLogTableStatement;

/**
 * Creates the history table as Liquibase does, with a replica identity: it has no key, so under a publication for all
 * tables none of its rows could be updated or deleted.
 */
public final class HistoryTableGenerator extends CreateDatabaseChangeLogTableGenerator {

    @Override
    public int getPriority() {
        return PRIORITY_DATABASE;
    }

    @Override
    public boolean supports(CreateDatabaseChangeLogTableStatement statement, Database database) {
        return database instanceof SupportDatabase;
    }

    @Override
    @SuppressWarnings("rawtypes") // Liquibase declares the raw type.
    public Sql[] generateSql(CreateDatabaseChangeLogTableStatement statement, Database database,
            SqlGeneratorChain chain) {
        Sql[] stock = super.generateSql(statement, database, chain);
        // Liquibase calls supports() only once for all PostgreSQL databases, so the database is checked here.
        if (!(database instanceof SupportDatabase ours && ours.hasRules())) {
            return stock;
        }
        return Stream.concat(Arrays.stream(stock), Stream.of(new UnparsedSql(HistoryIdentity.statement(database))))
                .toArray(Sql[]::new);
    }
}
