package dev.supportdb.cli;

import dev.supportdb.postgres.PrintableText;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options that select a backfill and its database. */
final class BackfillOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private EnvironmentOptions environment;

    @Parameters(paramLabel = "NAME", arity = "0..1", defaultValue = "",
            description = "a backfill, as ./supportdb backfills lists it")
    private String name;

    TargetDatabase target() throws IOException {
        return environment.settings().target();
    }

    BackfillTable records() throws IOException, LiquibaseException, SQLException {
        return BackfillTable.toWrite(target());
    }

    boolean isNamed() {
        return !name.isEmpty();
    }

    String name() {
        return name;
    }

    /** Returns the record of the backfill; throws a usage error if there is none. */
    BackfillTable.Backfill find(BackfillTable records) throws SQLException {
        List<String> names = records.names();
        if (names.isEmpty()) {
            throw misuse(BackfillTable.NONE);
        }
        if (!names.contains(name)) {
            throw misuse("%s; there are: %s".formatted(!isNamed() ? "The name of a backfill is missing"
                    : "There is no backfill '%s' in this database".formatted(name),
                    PrintableText.line(String.join(", ", names))));
        }
        return records.find(name);
    }

    ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
