package dev.supportdb.cli;

import dev.supportdb.postgres.PrintableText;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the progress of backfills, and writes a request to one, which reads it before its next batch. */
@Command(name = "backfills", description = "Show the progress of each backfill, or pause, resume, cancel or tune one.",
        mixinStandardHelpOptions = true, subcommands = {BackfillSetCommand.class, BackfillWorkCommand.class})
final class BackfillsCommand implements Callable<Integer> {

    /** The requests to a backfill. */
    private enum Word {
        PAUSE("pause",
                "pauses after the current batch and stays paused, also in a new run, until "
                        + "./supportdb backfills resume",
                "is paused already"),
        RESUME("run",
                "resumes; if its run has ended, run the same command again",
                "is not paused; ./supportdb backfills shows what else it may wait for"),
        CANCEL("cancel",
                "stops after the current batch; rows already written are kept, and the same command resumes",
                "is cancelled already; to resume, run the same command again");

        private final String state;
        private final String done;
        private final String already;

        Word(String state, String done, String already) {
            this.state = state;
            this.done = done;
            this.already = already;
        }

        String lowerCase() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin
    private EnvironmentOptions environment;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Option(names = "--metrics", description = "as metrics in the text format of Prometheus, for a collector")
    private boolean metrics;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        ConnectionSettings settings = environment.settings();
        try (BackfillTable records = BackfillTable.of(settings.target())) {
            boolean none = records.names().isEmpty();
            if (metrics) {
                System.out.print(none ? "" : records.metrics(settings.environment()));
            } else if (json) {
                System.out.println(none ? "[]" : records.json());
            } else if (none) {
                System.out.println(BackfillTable.NONE);
            } else {
                List<List<String>> table = records.table();
                Console.table(table, column -> column > 1 && column < table.get(0).size() - 1);
            }
            return 0;
        }
    }

    @Command(name = "pause", description = "Pause a backfill until it is resumed.", mixinStandardHelpOptions = true)
    int pause(@Mixin BackfillOptions chosen) throws IOException, SQLException, LiquibaseException {
        return say(Word.PAUSE, chosen);
    }

    @Command(name = "resume", description = "Resume a paused backfill.", mixinStandardHelpOptions = true)
    int resume(@Mixin BackfillOptions chosen) throws IOException, SQLException, LiquibaseException {
        return say(Word.RESUME, chosen);
    }

    @Command(name = "cancel", description = "Stop the run of a backfill; the same command resumes it.",
            mixinStandardHelpOptions = true)
    int cancel(@Mixin BackfillOptions chosen) throws IOException, SQLException, LiquibaseException {
        return say(Word.CANCEL, chosen);
    }

    private static int say(Word word, BackfillOptions chosen) throws IOException, SQLException, LiquibaseException {
        try (BackfillTable records = chosen.records()) {
            String name = chosen.find(records).name();
            boolean done = records.request(name, word.state);
            BackfillTable.Backfill backfill = records.find(name);
            System.out.printf("%s %s.%n", PrintableText.line(name), done ? word.done
                    : !backfill.isFinished() ? word.already
                    : "was %s at %s: there is nothing to %s".formatted(
                            backfill.state(), backfill.finishedAt(), word.lowerCase()));
            return 0;
        }
    }
}
