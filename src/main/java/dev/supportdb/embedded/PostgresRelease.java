package dev.supportdb.embedded;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A minor release of PostgreSQL. Minor releases bring security fixes and keep the behaviour. */
record PostgresRelease(int major, int minor) {

    /**
     * The newest known minor release of each major, of November 2026. The tests have run on 15.20. The others are
     * derived: PostgreSQL releases all majors on one day, and those of August were 15.19, 16.15, 17.11 and 18.6.
     */
    private static final Map<Integer, Integer> NEWEST = Map.of(15, 20, 16, 16, 17, 12, 18, 7);

    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)");

    /**
     * Reads the version from the output of {@code postgres --version}.
     *
     * @throws IllegalArgumentException if there is none
     */
    static PostgresRelease of(String version) {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.find()) {
            throw new IllegalArgumentException("Not a version of PostgreSQL: " + version);
        }
        return new PostgresRelease(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)));
    }

    /** The newest known release of the same major, if it is newer than this one. */
    Optional<PostgresRelease> newer() {
        return Optional.ofNullable(NEWEST.get(major))
                .filter(newest -> newest > minor)
                .map(newest -> new PostgresRelease(major, newest));
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
