package dev.supportdb.changelog;

import static java.util.stream.Collectors.joining;

import java.util.regex.Pattern;

/** Formats text for a changelog file. */
public final class YamlText {

    /** Text that YAML reads as a string without quotes. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z](?:[\\w .,;*()/=<>'-]|:(?! )|:(?=\\S))*+");
    private static final Pattern WORD = Pattern.compile("(?i)true|false|yes|no|on|off|null|y|n");

    /** Matches where Liquibase would split the text into statements. */
    private static final Pattern CUT = Pattern.compile(";|\\n\\s*(?i:go\\b|/)");
    private static final Pattern BLOCK = Pattern.compile("\\n|:\\s|\\s#");

    private static final int WIDTH = 118;

    private YamlText() {
    }

    /** Formats a value: plain if possible, else in double quotes. */
    public static String scalar(String text) {
        return PLAIN.matcher(text).matches() && !WORD.matcher(text).matches() && !text.endsWith(":")
                && !text.endsWith(" ")
                ? text : quoted(text);
    }

    public static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    /** Formats a change that is one statement. */
    public static String sql(String statement) {
        String text = statement.strip();
        return CUT.matcher(text).find()
                ? "- sql:\n    splitStatements: false\n    sql: |\n" + indent("      ", text).stripTrailing()
                : BLOCK.matcher(text).find() || text.length() > WIDTH - 15
                        ? "- sql: |\n" + indent("    ", text).stripTrailing()
                : "- sql: " + text;
    }

    /** Formats a comment, broken into lines. */
    public static String comment(String indent, String text) {
        StringBuilder lines = new StringBuilder();
        StringBuilder line = new StringBuilder(indent).append('#');
        for (String word : text.split("\\s+")) {
            if (line.length() + word.length() >= WIDTH) {
                lines.append(line).append('\n');
                line = new StringBuilder(indent).append('#');
            }
            line.append(' ').append(word);
        }
        return lines.append(line).append('\n').toString();
    }

    /** Indents text; keeps spaces at the ends of lines, which may belong to a function's body. */
    public static String indent(String indent, String text) {
        return text.lines().map(line -> (line.isEmpty() ? indent.stripTrailing() : indent + line) + "\n")
                .collect(joining());
    }
}
