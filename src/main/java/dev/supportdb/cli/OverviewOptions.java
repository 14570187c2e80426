package dev.supportdb.cli;

import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.LiquibaseRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of a command that only reads, with or without a database. */
final class OverviewOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private EnvironmentOptions environment;

    @Option(names = "--offline", description = "read the files alone, whatever database there is")
    private boolean offline;

    /** Where no database answers, says so beside the output, and goes by the files alone. */
    ChangelogOverview overview() throws IOException, LiquibaseException {
        if (!offline) {
            try {
                DatabaseState standing = DatabaseState.of(environment.settings().target(), Path.of(""));
                return new ChangelogOverview(standing.changelog(), standing);
            } catch (DatabaseException e) {
                command.commandLine().getErr().println("This is what the files say, for there is no connection. "
                        + LiquibaseRunner.reason(e).lines().findFirst().orElse(""));
            }
        }
        return new ChangelogOverview(environment.changelog(), null);
    }

    /** What a name stands for; a misuse where it stands for nothing. */
    <T> T named(Supplier<T> found) {
        try {
            return found.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
