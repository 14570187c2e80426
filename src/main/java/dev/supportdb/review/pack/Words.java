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

    /**
     * An invisible space: a forge looks for users and issues in the text that Markdown has made, where an escaped sign
     * is a sign again.
     */
    private static final String NOT_A_NAME = "&#8203;";

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

    /** Escapes text so that it has no meaning in Markdown, and calls nobody. */
    static String markdown(String text) {
        return html(text.replaceAll("([\\\\`*\\[\\]|#~_])", "\\\\$1")).replaceAll("[@#]", "$0" + NOT_A_NAME).strip()
                .replaceAll("\\s*\\R\\s*", "<br>");
    }

    /** A name as code in Markdown, also in a table. */
    static String code(String name) {
        return name.matches("[^`|\\v]*") ? "`" + name + "`" : "<code>" + markdown(name) + "</code>";
    }

    /** Escapes text for HTML in Markdown. */
    static String html(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
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
