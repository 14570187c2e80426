package dev.supportdb.cli;

import dev.supportdb.postgres.PrintableText;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** JSON of maps, lists, numbers, truth values, texts and null; a list of objects has a line for each. */
public final class Json {

    private Json() {
    }

    /** Whatever else it is becomes a text. */
    public static String of(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> text(entry.getKey().toString()) + ": " + of(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Collection<?> list) {
            String separator = list.stream().anyMatch(Map.class::isInstance) ? ",\n " : ", ";
            return list.stream().map(Json::of).collect(Collectors.joining(separator, "[", "]"));
        }
        return value == null || value instanceof Number || value instanceof Boolean
                ? String.valueOf(value) : text(value.toString());
    }

    private static String text(String text) {
        return text.codePoints().mapToObj(letter -> switch (letter) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\t' -> "\\t";
            default -> PrintableText.line(Character.toString(letter));
        }).collect(Collectors.joining("", "\"", "\""));
    }
}
