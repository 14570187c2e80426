package dev.supportdb.cli;

import dev.supportdb.postgres.PrintableText;
import dev.supportdb.run.RemoteBackfillWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "work", mixinStandardHelpOptions = true,
        description = "Add a worker to a backfill that another process runs, or to all of them, until no range is left.")
final class BackfillWorkCommand implements Callable<Integer> {

    @Mixin
    private BackfillOptions chosen;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        List<String> names = underWay();
        if (names.isEmpty()) {
            System.out.println(chosen.isNamed() ? chosen.name() + " is not running." : "No backfill is running.");
        }
        RemoteBackfillWorker worker = new RemoteBackfillWorker(chosen.target(), Path.of(""), System.out::println);
        for (String name : names) {
            String shown = PrintableText.line(name);
            System.out.println(shown + ": working until no range is left");
            worker.join(name);
            System.out.println(shown + ": no range is left; the process that runs it completes it, or if that has ended, "
                    + "its command when it is run again");
        }
        return 0;
    }

    private List<String> underWay() throws IOException, SQLException, LiquibaseException {
        try (BackfillTable records = chosen.records()) {
            List<String> underWay = records.underWay();
            if (!chosen.isNamed()) {
                return underWay;
            }
            String name = chosen.find(records).name();
            return underWay.contains(name) ? List.of(name) : List.of();
        }
    }
}
