package dev.supportdb.deploy;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A length of time as it is typed: minutes, hours or days, such as {@code 24h}. */
public final class Age {

    private static final Pattern FORM = Pattern.compile("(\\d{1,6})([mhd])|0");

    private Age() {
    }

    /** @throws IllegalArgumentException if the text is not an age */
    public static Duration of(String typed) {
        Matcher form = FORM.matcher(typed);
        if (!form.matches()) {
            throw new IllegalArgumentException("A time is such as 30m, 24h or 7d, not '%s'".formatted(typed));
        }
        if (form.group(1) == null) {
            return Duration.ZERO;
        }
        long count = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    /** Formats an age so that {@link #of} can read it. */
    static String text(Duration age) {
        long minutes = age.toMinutes();
        return minutes % 60 != 0 ? minutes + "m" : minutes / 60 + "h";
    }
}
