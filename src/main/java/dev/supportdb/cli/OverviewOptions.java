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

    @Option(names = "--offline", description = "show the changelog files only, without a database")
    private boolean offline;

    private int exitCode = ExitCode.DONE;

    /** Reads the database, or only the files if no database answers, and then prints a note to standard error. */
    ChangelogOverview overview() throws IOException, LiquibaseException {
        if (!offline) {
            try {
                DatabaseState standing = DatabaseState.of(environment.settings().target(), Path.of(""));
                return new ChangelogOverview(standing.changelog(), standing);
            } catch (DatabaseException e) {
                exitCode = ExitCode.MISUSED;
                command.commandLine().getErr().println("Not connected; showing the changelog files only (--offline). "
                        + LiquibaseRunner.reason(e).lines().findFirst().orElse(""));
            }
        }
        return new ChangelogOverview(environment.changelog(), null);
    }

    /** The code of success, or of no connection if the files had to be used and no option asked for that. */
    int exitCode() {
        return exitCode;
    }

    /** Returns the position of a name; throws a usage error if there is none. */
    <T> T named(Supplier<T> found) {
        try {
            return found.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
