package dev.supportdb.postgres;

import liquibase.configuration.ConfigurationValueConverter;

/** Reads a setting that is a number within bounds; throws {@link IllegalArgumentException} naming one that is not. */
public final class NumberSetting {

    private NumberSetting() {
    }

    public static ConfigurationValueConverter<Integer> whole(String name, int least, int most) {
        return value -> {
            if (value == null) {
                return null;
            }
            try {
                int number = Integer.parseInt(value.toString().strip());
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Refused below.
            }
            throw refused(name, value, "a whole number from %d to %d".formatted(least, most));
        };
    }

    /** Reads a number of at least 0. */
    public static ConfigurationValueConverter<Double> number(String name, int most) {
        return value -> {
            if (value == null) {
                return null;
            }
            try {
                double number = Double.parseDouble(value.toString().strip());
                if (number >= 0 && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Refused below.
            }
            throw refused(name, value, "a number from 0 to %d".formatted(most));
        };
    }

    private static IllegalArgumentException refused(String name, Object value, String right) {
        return new IllegalArgumentException("%s must be %s, not '%s'".formatted(name, right, value));
    }
}
