package dev.supportdb.review.pack;

import dev.supportdb.review.Forecast.Range;
import dev.supportdb.review.Judgement;
import dev.supportdb.review.LockMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Formats figures and names for people. */
final class Words {

    private Words() {
    }

    static String time(Duration time) {
        if (time == null) {
            return "";
        }
        long millis = time.toMillis();
        return millis < 1 ? time.isZero() ? "0 ms" : "under 1 ms" : millis < 1000 ? millis + " ms"
                : millis < 120_000 ? String.format(Locale.ROOT, "%.1f s", millis / 1e3)
                : millis < 7_200_000 ? Math.round(millis / 6e4) + " min"
                : String.format(Locale.ROOT, "%.1f h", millis / 3.6e6);
    }

    static String range(Range range) {
        return "%s to %s".formatted(time(range.low()), time(range.high()));
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String table(String qualified) {
        return qualified.replaceFirst("^public\\.", "");
    }

    static String word(Judgement judgement) {
        return judgement.word().replace('-', ' ');
    }

    /** The class of the style sheet for a lock, by whom it blocks. */
    static String colour(LockMode mode) {
        return mode == LockMode.ACCESS_EXCLUSIVE ? "all" : mode.blocks().isEmpty() ? "none" : "writers";
    }

    /** Escapes text so that it has no meaning in Markdown. */
    static String markdown(String text) {
        return text.replaceAll("([\\\\`*\\[\\]|#~_])", "\\\\$1").replace("&", "&amp;").replace("<", "&lt;")
                .replace(">", "&gt;").replace("@", "&#64;").strip().replaceAll("\\s*\\R\\s*", "<br>");
    }

    /** A table row in Markdown. */
    static String row(List<String> cells) {
        return cells.stream().map(Words::markdown).collect(Collectors.joining(" | ", "| ", " |"));
    }

    /** A code block in Markdown, for any content. */
    static String fenced(String language, String code) {
        String fence = "```";
        while (code.contains(fence)) {
            fence += "`";
        }
        return fence + language + "\n" + code.strip() + "\n" + fence;
    }
}
