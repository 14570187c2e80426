package dev.supportdb.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "rollback-sql", mixinStandardHelpOptions = true,
        description = {"Write the SQL that undoes the last changesets, or from one name back to another.",
            "It is written to target/liquibase/migrate.sql, for review, or to be run by psql."},
        footer = "FROM and TO include the features of other branches that they depend on.")
final class RollbackSqlCommand implements Callable<Integer> {

    @Mixin
    private SqlRange range;

    @Mixin
    private CountOption count;

    @Mixin
    private DiscardOption discard;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        int changesets = count.value();
        return range.isGiven() ? range.writeBack(discard.typed().toList(), discard::in)
                : range.writeOnline("Nothing has run, and no SQL has been written.",
                        Stream.concat(Stream.of("--count=" + changesets), discard.typed()).toList(),
                        migration -> discard.in(migration).rollbackSql(changesets));
    }
}
