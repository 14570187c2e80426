package dev.supportdb.cli;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Quotes words so that they can be pasted into a shell. */
final class ShellWords {

    private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");
    private static final Pattern OPTION = Pattern.compile("(--[a-z-]+=|[A-Z]+=)(.*)", Pattern.DOTALL);

    private ShellWords() {
    }

    static String of(Stream<String> words) {
        return words.map(ShellWords::quoted).collect(Collectors.joining(" "));
    }

    /** Quotes a word; for an option or a variable only its value. */
    private static String quoted(String word) {
        var option = OPTION.matcher(word);
        return PLAIN.matcher(word).matches() ? word
                : option.matches() ? option.group(1) + quoted(option.group(2))
                : "'" + word.replace("'", "'\\''") + "'";
    }
}
