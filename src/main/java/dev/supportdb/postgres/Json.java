package dev.supportdb.postgres;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes JSON for maps, records, lists, numbers, truth values, texts and null; a list of objects has a line for each.
 */
public final class Json {

    private Json() {
    }

    /** Returns the JSON of a value; a value of another type becomes a text. */
    public static String of(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> text(entry.getKey().toString()) + ": " + of(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value instanceof Record facts) {
            return of(components(facts));
        }
        if (value instanceof Collection<?> list) {
            String separator =
                    list.stream().anyMatch(one -> one instanceof Map || one instanceof Record) ? ",\n " : ", ";
            return list.stream().map(Json::of).collect(Collectors.joining(separator, "[", "]"));
        }
        return value == null || value instanceof Number || value instanceof Boolean
                ? String.valueOf(value) : text(value.toString());
    }

    /** Returns the components of a record by their names, in their order. */
    public static Map<String, Object> components(Record facts) {
        Map<String, Object> components = new LinkedHashMap<>();
        for (RecordComponent component : facts.getClass().getRecordComponents()) {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            try {
                components.put(component.getName(), accessor.invoke(facts));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("An accessor of a record fails: " + accessor, e);
            }
        }
        return components;
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
