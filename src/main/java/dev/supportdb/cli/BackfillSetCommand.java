package dev.supportdb.cli;

import java.io.IOException;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import liquibase.exception.DatabaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "set", description = "Change how a backfill goes about its work, also while it does.",
        footer = "The word default leaves it to what its run is told.", mixinStandardHelpOptions = true)
final class BackfillSetCommand implements Callable<Integer> {

    private static final String DEFAULT = "default";

    @Mixin
    private BackfillOptions chosen;

    @Option(names = "--target", paramLabel = "MS", description = "how long a batch should take, in milliseconds")
    private String target;

    @Option(names = "--workers", paramLabel = "COUNT", description = "how many at once")
    private String workers;

    @Option(names = "--rest", paramLabel = "SHARE", description = "how long to rest for each unit of work; 0 for never")
    private String rest;

    @Override
    public Integer call() throws IOException, SQLException, DatabaseException {
        Map<String, BigDecimal> settings = settings();
        try (BackfillTable records = chosen.records()) {
            String name = chosen.find(records).name();
            records.set(name, settings);
            BackfillTable.Backfill now = records.find(name);
            System.out.printf("%s: target %s, workers %s, rest %s; %s.%n",
                    name, inWords(now.target(), " ms"), inWords(now.workers(), ""), inWords(now.rest(), ""),
                    now.isFinished()
                            ? "it was %s at %s, so this is for a run to come".formatted(now.state(), now.finishedAt())
                            : "it reads them before each batch");
            return 0;
        }
    }

    /** By column; the limits are those of its constraint. */
    private Map<String, BigDecimal> settings() {
        Map<String, BigDecimal> settings = new LinkedHashMap<>();
        put(settings, "target_ms", "target", target, 1, 60_000, true);
        put(settings, "workers", "workers", workers, 1, 64, true);
        put(settings, "rest", "rest", rest, 0, 100, false);
        if (settings.isEmpty()) {
            throw chosen.misuse("Nothing to set: give at least one of target, workers and rest.");
        }
        return settings;
    }

    private void put(Map<String, BigDecimal> settings, String column, String option, String given, int least, int most,
            boolean whole) {
        if (given == null) {
            return;
        }
        BigDecimal number = given.equals(DEFAULT) ? null : number(given);
        boolean right = given.equals(DEFAULT) || number != null
                && number.compareTo(BigDecimal.valueOf(least)) >= 0 && number.compareTo(BigDecimal.valueOf(most)) <= 0
                && !(whole && number.stripTrailingZeros().scale() > 0);
        if (!right) {
            throw chosen.misuse("%s must be a %s from %d to %d, or %s, not '%s'. Nothing was changed.".formatted(
                    option, whole ? "whole number" : "number", least, most, DEFAULT, given));
        }
        settings.put(column, number);
    }

    private static BigDecimal number(String text) {
        try {
            return new BigDecimal(text.strip());
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static String inWords(String setting, String unit) {
        return setting == null ? DEFAULT : setting + unit;
    }
}
