package dev.supportdb.cli;

import dev.supportdb.backfill.Tuning;
import dev.supportdb.postgres.PrintableText;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "set", description = "Tune a backfill, also while it runs.",
        footer = "The value default means: the setting of the run.", mixinStandardHelpOptions = true)
final class BackfillSetCommand implements Callable<Integer> {

    private static final String DEFAULT = "default";

    @Mixin
    private BackfillOptions chosen;

    @Option(names = "--batch-time", paramLabel = "MS", description = "how long a batch should take, in milliseconds")
    private String batchTime;

    @Option(names = "--workers", paramLabel = "COUNT", description = "how many workers at once")
    private String workers;

    @Option(names = "--rest-ratio", paramLabel = "RATIO",
            description = "pause between batches as a multiple of the time a batch took; 0 for none")
    private String restRatio;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        Map<String, BigDecimal> settings = settings();
        try (BackfillTable records = chosen.records()) {
            String name = chosen.find(records).name();
            records.set(name, settings);
            BackfillTable.Backfill now = records.find(name);
            System.out.printf("%s: batch-time %s, workers %s, rest-ratio %s; %s.%n",
                    PrintableText.line(name), inWords(now.batchTime(), " ms"), inWords(now.workers(), ""),
                    inWords(now.restRatio(), ""),
                    now.isFinished()
                            ? "it was %s at %s, so this is for its next run".formatted(now.state(), now.finishedAt())
                            : "used from the next batch on");
            return 0;
        }
    }

    /** The settings by column. */
    private Map<String, BigDecimal> settings() {
        Map<String, BigDecimal> settings = new LinkedHashMap<>();
        put(settings, Tuning.BATCH_TIME, batchTime);
        put(settings, Tuning.WORKERS, workers);
        put(settings, Tuning.REST_RATIO, restRatio);
        if (settings.isEmpty()) {
            throw chosen.misuse("Nothing to set: give at least one of --batch-time, --workers and --rest-ratio.");
        }
        return settings;
    }

    private void put(Map<String, BigDecimal> settings, Tuning tuning, String given) {
        if (given == null) {
            return;
        }
        try {
            settings.put(tuning.column(), given.equals(DEFAULT) ? null : tuning.parse(given));
        } catch (NumberFormatException e) {
            throw chosen.misuse("--%s must be %s, or %s, not '%s'. Nothing has been changed.".formatted(
                    tuning.setting(), tuning.allowed(), DEFAULT, given));
        }
    }

    private static String inWords(String setting, String unit) {
        return setting == null ? DEFAULT : setting + unit;
    }
}
