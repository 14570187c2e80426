package dev.supportdb.cli;

import dev.supportdb.deploy.RunRecord;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import liquibase.exception.CommandExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "rollback", description = "Undo the last changesets, as mvn liquibase:rollback does.",
        footer = "Exits with 1, and has changed nothing, when data would be lost. To undo whole features: "
                + "./supportdb downgrade.",
        mixinStandardHelpOptions = true)
final class RollbackCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Mixin
    private CountOption count;

    @Mixin
    private DiscardOption discard;

    @Override
    public Integer call() throws IOException, SQLException, CommandExecutionException {
        int changesets = count.value();
        MigrationProgress work = new MigrationProgress();
        discard.in(work.migration(environment.settings().target())).rollback(changesets);
        RunRecord.undone(environment.settings().target(), environment.command("rollback", "--count=" + changesets),
                work.changesets());
        System.out.println("Database  "
                + (work.changesets() == 0 ? "nothing has run, nothing to undo" : work.inWords("undone")));
        return ExitCode.DONE;
    }
}
