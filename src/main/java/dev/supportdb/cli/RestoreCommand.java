package dev.supportdb.cli;

import dev.supportdb.deploy.BackupFolder;
import dev.supportdb.deploy.Restore;
import dev.supportdb.deploy.RowsSinceBackup;
import dev.supportdb.postgres.PrintableText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "restore", mixinStandardHelpOptions = true,
        description = {"Restore a backup into a new database beside the old one, and prove it.",
            "The database that the application uses stays as it is. Lists the steps that are left to you, and counts "
                + "the rows that were written since."},
        footer = {"Exits with 1 if the backup was changed or does not restore; then there is no new database.",
            "",
            "  ./supportdb restore backups/pre_migration_20261130_153000 --into=support_restored"})
final class RestoreCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Parameters(paramLabel = "BACKUP", description = "the folder of the backup")
    private Path backup;

    @Option(names = "--into", required = true, paramLabel = "NAME", description = "name of the new database")
    private String name;

    @Option(names = "--jobs", defaultValue = "2", paramLabel = "COUNT",
            description = "number of sessions that restore in parallel (default: ${DEFAULT-VALUE})")
    private int jobs;

    @Option(names = "--skip-count", description = "do not count the rows that were written since the backup; the "
            + "count reads every table once more")
    private boolean skipsCount;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        if (jobs < 1 || jobs > BackupOptions.MOST_JOBS) {
            throw new ParameterException(command.commandLine(), "--jobs is a number from 1 to %d, not %d"
                    .formatted(BackupOptions.MOST_JOBS, jobs));
        }
        if (name.isBlank() || name.getBytes(StandardCharsets.UTF_8).length > 63) {
            throw new ParameterException(command.commandLine(),
                    "--into is the name of a database, of 63 bytes at most");
        }
        ConnectionSettings settings = environment.settings();
        Restore restore = new Restore(settings.target(), jobs, System.getenv(), System.out::println);
        String byHand = restore.into(name, new BackupFolder(backup));
        System.out.println("Done      database " + PrintableText.line(name));
        if (!byHand.isBlank()) {
            System.out.println("By hand   " + settings.psql("-v", "database=" + name, "-f",
                    backup.resolve("database.sql").toString()));
            byHand.lines().forEach(line -> System.out.println("          "
                    + PrintableText.line(line)));
        }
        if (!skipsCount) {
            sayMissing(restore.rowsSince(name));
        }
        return ExitCode.DONE;
    }

    private static void sayMissing(List<RowsSinceBackup> tables) {
        System.out.println("Missing   " + (tables.isEmpty()
                ? "nothing: no row was written to the old database after the backup"
                : "in the new database: rows that were written to the old one after the backup"));
        tables.forEach(rows -> System.out.println(PrintableText.line("          " + rows.table() + ": "
                + (rows.counted() ? String.format(Locale.ROOT, "%,d added, %,d deleted, %,d changed", rows.added(),
                        rows.deleted(), rows.changed())
                        : "not counted, because its primary key is missing or has changed"))));
    }
}
