package dev.supportdb.cli;

import dev.supportdb.run.LiquibaseRunner;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "sql", mixinStandardHelpOptions = true,
        description = {"Write the SQL of the next update, or from one name to another, and run nothing.",
            "It is written to target/liquibase/migrate.sql, for review, or to be run by psql."},
        footer = "FROM and TO include the features of other branches that they depend on.")
final class SqlCommand implements Callable<Integer> {

    @Mixin
    private SqlRange range;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        return range.isGiven() ? range.writeForward()
                : range.writeOnline("Nothing is pending, and no SQL has been written.", List.of(),
                        LiquibaseRunner::updateSql);
    }
}
