package dev.supportdb.backfill;

import java.math.BigDecimal;

/**
 * A setting of a backfill that may change while it runs: the option {@code supportdb.backfill.<name>} of a run, which a
 * column of the table {@code backfills} overrides. The checks of these columns have the same limits.
 */
public enum Tuning {
    WORKERS("workers", "workers", 1, 64, true),
    BATCH_TIME("batch-time", "batch_time_ms", 1, 60_000, true),
    REST_RATIO("rest-ratio", "rest_ratio", 0, 100, false);

    private final String setting;
    private final String column;
    private final int least;
    private final int most;
    private final boolean whole;

    Tuning(String setting, String column, int least, int most, boolean whole) {
        this.setting = setting;
        this.column = column;
        this.least = least;
        this.most = most;
        this.whole = whole;
    }

    /** The name, as in the option of a run. */
    public String setting() {
        return setting;
    }

    /** The column in the table {@code backfills}. */
    public String column() {
        return column;
    }

    public int least() {
        return least;
    }

    public int most() {
        return most;
    }

    /** The allowed values, in words. */
    public String allowed() {
        return "a %s from %d to %d".formatted(whole ? "whole number" : "number", least, most);
    }

    /**
     * Reads a value.
     *
     * @throws NumberFormatException if it is not one of {@link #allowed}
     */
    public BigDecimal parse(String text) {
        BigDecimal number = new BigDecimal(text.strip());
        boolean right = number.compareTo(BigDecimal.valueOf(least)) >= 0
                && number.compareTo(BigDecimal.valueOf(most)) <= 0
                && !(whole && number.stripTrailingZeros().scale() > 0);
        if (!right) {
            throw new NumberFormatException("not " + allowed());
        }
        return number;
    }
}
