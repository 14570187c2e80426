package dev.supportdb.bench;

import java.util.Locale;

/** A part that can be measured by itself. */
enum Benchmark {
    SPEED, LOOP, SLOPE, LOAD, CONTACTS, FORECAST, AFTERNOON;

    /** The command that measures this part alone. */
    String command() {
        return "./supportdb bench --only=" + this;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
