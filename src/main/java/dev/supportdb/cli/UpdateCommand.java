package dev.supportdb.cli;

import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.util.concurrent.Callable;
import liquibase.exception.CommandExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "update", description = "Run what is pending, as mvn liquibase:update does.",
        mixinStandardHelpOptions = true)
final class UpdateCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Override
    public Integer call() throws IOException, CommandExecutionException {
        update(environment.settings().target());
        return ExitCode.DONE;
    }

    /** Updates, prints the result, and returns the number of changesets. */
    static int update(TargetDatabase target) throws CommandExecutionException {
        MigrationProgress work = new MigrationProgress();
        work.migration(target).update();
        System.out.println("Database  "
                + (work.changesets() == 0 ? "up to date, nothing to do" : work.inWords("applied")));
        work.sayDeferred();
        return work.changesets();
    }
}
