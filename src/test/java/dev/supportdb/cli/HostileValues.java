package dev.supportdb.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Values that people type, paste or leave in a variable, and that a shell, make or a parser could misread. */
final class HostileValues {

    /** A file that appears where one of them is run. */
    static final String CANARY = "canary";

    /** Clears the screen, sets the title, colours what follows, turns the reading direction, writes over the line. */
    static final List<String> TERMINAL = List.of("\033[2Jgone", "\033]0;title\007", "\u009b31mred",
            "txt\u202Eexe.\u2069", "good\rbad", "\u2028\ufeff\b");

    private HostileValues() {
    }

    static List<String> all() {
        List<String> values = new ArrayList<>(Stream.of("$(touch %s)", "`touch %s`", "$(shell touch %s)",
                "$(eval $(shell touch %s))", "'; touch %s; '", "\"; touch %s; \"", "'$(touch %s)'", "a && touch %s",
                "a | touch %s", "a & touch %s &", "> %s", "a\ntouch %s\n", "#\ntouch %s", "$(file >%s)",
                "\\$(touch %s)").map(value -> value.formatted(CANARY)).toList());
        values.addAll(List.of("", "it's", "say \"so\"", " two  words ", "\t", "$HOME", "$$", "$", "$@ $<", "~", "*",
                "{a,b}", "\\", "!!", "a=b", "%s%n%d", "@contexts/dev.properties", "${env:HOME}", "#", "Zoë’s 票 🎫",
                "-", "-n", "--", "--env=production", "../../etc/passwd", "/etc/profile", "@/etc/passwd", "%zz"));
        values.addAll(TERMINAL);
        values.add("x".repeat(20_000));
        return values;
    }
}
