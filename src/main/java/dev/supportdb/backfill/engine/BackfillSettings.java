package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.Tuning;
import dev.supportdb.postgres.NumberSetting;
import java.nio.file.Path;
import java.time.Duration;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.configuration.ConfigurationValueConverter;

/**
 * The settings of a run for its backfills, given as {@code -Dsupportdb.backfill.workers=2} or as
 * {@code SUPPORTDB_BACKFILL_WORKERS} in the environment. They are never part of a changeset, so databases of any size
 * and load run the same changelog.
 *
 * @param workers   how many run at once, each with its own connection
 * @param batchTime how long a batch should take
 * @param restRatio how long to pause between batches, as a multiple of the time of the last batch
 * @param vacuum    whether to vacuum the table when a fifth of it is dead rows
 * @param sameOrder whether a single worker takes the rows in the same order on every run, however long its batches take
 * @param holds     what to wait for
 */
record BackfillSettings(int workers, Duration batchTime, double restRatio, boolean vacuum, boolean sameOrder,
        Holds holds) {

    /**
     * @param lag     the longest time that a standby may be behind
     * @param wal     the same limit in megabytes, since a standby that has stopped reports no time
     * @param slots   whether to wait for replication slots without a reader, even if they had none at the start
     * @param dead    the largest share of dead rows, relative to the live ones
     * @param vacuum  whether to wait for a vacuum or an index build of the table
     * @param file    a file to wait for as long as it exists; null for none
     * @param command a command for {@code sh -c}, to wait for as long as it fails; null for none
     */
    record Holds(Duration lag, int wal, boolean slots, double dead, boolean vacuum, Path file, String command) {}

    /** Registers the settings with Liquibase, as a service. */
    public static final class Settings implements AutoloadedConfigurations {

        private static final ConfigurationDefinition<Integer> WORKERS;
        private static final ConfigurationDefinition<Integer> BATCH_TIME;
        private static final ConfigurationDefinition<Double> REST_RATIO;
        private static final ConfigurationDefinition<Boolean> VACUUM;
        private static final ConfigurationDefinition<Boolean> SAME_ORDER;
        private static final ConfigurationDefinition<Integer> HOLD_LAG;
        private static final ConfigurationDefinition<Integer> HOLD_WAL;
        private static final ConfigurationDefinition<Boolean> HOLD_SLOTS;
        private static final ConfigurationDefinition<Double> HOLD_DEAD;
        private static final ConfigurationDefinition<Boolean> HOLD_VACUUM;
        private static final ConfigurationDefinition<String> HOLD_FILE;
        private static final ConfigurationDefinition<String> HOLD_COMMAND;

        static {
            // Liquibase also finds batchTime under batch-time, and under BATCH_TIME in the environment.
            ConfigurationDefinition.Builder settings = new ConfigurationDefinition.Builder("supportdb.backfill");
            WORKERS = settings.define("workers", Integer.class)
                    .setDescription("How many workers fill a table at once")
                    .setValueHandler(whole(Tuning.WORKERS)).setDefaultValue(1).build();
            BATCH_TIME = settings.define("batchTime", Integer.class)
                    .setDescription("How long a batch should take, in milliseconds")
                    .setValueHandler(whole(Tuning.BATCH_TIME)).setDefaultValue(100).build();
            REST_RATIO = settings.define("restRatio", Double.class)
                    .setDescription("Pause between batches as a multiple of the time a batch took; 0 for none")
                    .setValueHandler(number(Tuning.REST_RATIO.setting(), Tuning.REST_RATIO.most())).setDefaultValue(0.5)
                    .build();
            VACUUM = settings.define("vacuum", Boolean.class)
                    .setDescription("Whether to vacuum the table when a fifth of it is dead rows")
                    .setDefaultValue(true).build();
            SAME_ORDER = settings.define("sameOrder", Boolean.class)
                    .setDescription("Whether one worker takes the rows in the same order each time, for a proof")
                    .setDefaultValue(false).setInternal(true).build();
            HOLD_LAG = settings.define("hold.lag", Integer.class)
                    .setDescription("How far behind a standby may be, in seconds")
                    .setValueHandler(whole("hold.lag", 1, Integer.MAX_VALUE)).setDefaultValue(10).build();
            HOLD_WAL = settings.define("hold.wal", Integer.class)
                    .setDescription("How far behind a standby may be, in megabytes of WAL")
                    .setValueHandler(whole("hold.wal", 1, Integer.MAX_VALUE)).setDefaultValue(1024).build();
            HOLD_SLOTS = settings.define("hold.slots", Boolean.class)
                    .setDescription("Whether to wait also for replication slots not in use when the run began")
                    .setDefaultValue(false).build();
            HOLD_DEAD = settings.define("hold.dead", Double.class)
                    .setDescription("How many dead rows the table may have, as a share of the live ones")
                    .setValueHandler(number("hold.dead", 1000)).setDefaultValue(0.5).build();
            HOLD_VACUUM = settings.define("hold.vacuum", Boolean.class)
                    .setDescription("Whether to wait for a vacuum or an index build of the table")
                    .setDefaultValue(false).build();
            HOLD_FILE = settings.define("hold.file", String.class)
                    .setDescription("Wait while this file exists; its first line is the reason").build();
            HOLD_COMMAND = settings.define("hold.command", String.class)
                    .setDescription("Wait while this command fails; its first line of output is the reason").build();
        }

        private static ConfigurationValueConverter<Integer> whole(Tuning tuning) {
            return whole(tuning.setting(), tuning.least(), tuning.most());
        }

        private static ConfigurationValueConverter<Integer> whole(String name, int least, int most) {
            return NumberSetting.whole("supportdb.backfill." + name, least, most);
        }

        private static ConfigurationValueConverter<Double> number(String name, int most) {
            return NumberSetting.number("supportdb.backfill." + name, most);
        }
    }

    /** Returns the settings of this run; throws {@link IllegalArgumentException} naming a setting that is wrong. */
    static BackfillSettings asSet() {
        String file = Settings.HOLD_FILE.getCurrentValue();
        return new BackfillSettings(Settings.WORKERS.getCurrentValue(),
                Duration.ofMillis(Settings.BATCH_TIME.getCurrentValue()),
                Settings.REST_RATIO.getCurrentValue(),
                Settings.VACUUM.getCurrentValue(),
                Settings.SAME_ORDER.getCurrentValue(),
                new Holds(Duration.ofSeconds(Settings.HOLD_LAG.getCurrentValue()),
                        Settings.HOLD_WAL.getCurrentValue(),
                        Settings.HOLD_SLOTS.getCurrentValue(),
                        Settings.HOLD_DEAD.getCurrentValue(),
                        Settings.HOLD_VACUUM.getCurrentValue(),
                        file == null ? null : Path.of(file),
                        Settings.HOLD_COMMAND.getCurrentValue()));
    }
}
