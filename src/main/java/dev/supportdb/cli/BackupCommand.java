package dev.supportdb.cli;

import dev.supportdb.deploy.BackupFolder;
import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "backup", mixinStandardHelpOptions = true,
        description = {"Back the database up, and prove that the backup restores.",
            "The application keeps writing; migrations wait. The backup is restored into a scratch database, and every "
                + "fact, row and sequence is compared. It gets its name only if all are equal."},
        footer = {"Exits with 1 if there is no proven backup; the database is unchanged.",
            "",
            "  ./supportdb backup --env=production",
            "  SCRATCH_URL=postgresql://postgres:…@scratch.example/postgres ./supportdb backup --env=production"})
final class BackupCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Mixin
    private BackupOptions options;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        BackupFolder backup = options.make(environment.settings().target(), System.out::println);
        System.out.println("Done      " + backup);
        System.out.println("Restore   " + environment.command("restore", backup.toString(), "--into=restored"));
        return ExitCode.DONE;
    }
}
