package dev.supportdb.objects;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An edit by a statement of an object, by its name.
 *
 * @param newName the name afterwards; null if the name stays, or the object is dropped
 * @param type    for a column that keeps its attached objects, the new type; for a type that is created, the statement;
 *                else null
 * @param by      for a column that is replaced, the one that takes its place; else null
 */
public record SchemaEdit(Verb verb, ObjectName object, String newName, String type, String by) {

    private static final Pattern WRITTEN = Pattern.compile("([a-z]+(?: [a-z]+)?) (?:(\\w+)\\.)?(\\w+)");

    /**
     * The kinds of edits. {@code ADD}: a new column that gets a value in existing rows. {@code PREPARE}: a column whose
     * indexes and checks are also built on another one. {@code REPLACE}: a column whose name and attached objects
     * another one takes.
     */
    public enum Verb { CREATE, ADD, DROP, RENAME, RETYPE, PREPARE, REPLACE }

    SchemaEdit(Verb verb, ObjectName object) {
        this(verb, object, null, null, null);
    }

    SchemaEdit(Verb verb, ObjectName object, String newName) {
        this(verb, object, newName, null, null);
    }

    /**
     * Parses the drop of an object, written as its kind and its name: {@code column orders.note}; throws
     * {@link IllegalArgumentException} for anything else.
     */
    public static SchemaEdit drop(String written) {
        Matcher name = WRITTEN.matcher(written);
        if (!name.matches()) {
            throw new IllegalArgumentException(written);
        }
        return new SchemaEdit(Verb.DROP, new ObjectName(name.group(1), name.group(2), name.group(3)));
    }
}
