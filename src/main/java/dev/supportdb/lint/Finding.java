package dev.supportdb.lint;

/**
 * A violation of a rule.
 *
 * @param file    the path from the project's root
 * @param line    the first is 1
 * @param message what is wrong, in a sentence
 * @param instead the YAML to write there; never empty
 */
public record Finding(String file, int line, String rule, String message, String instead) {

    @Override
    public String toString() {
        return "%s:%d  %s%n  %s Use:%n%s".formatted(file, line, rule, message, instead.strip().indent(4));
    }
}
