package dev.supportdb.objects;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that a statement does to an object by its name.
 *
 * @param newName what it is called afterwards; null where its name stays, or it is no longer there
 * @param type    of a column that keeps what is on it, the type it then has; of a type that is created, the statement;
 *                else null
 * @param by      of a column that is replaced, the one that takes its place; else null
 */
public record SchemaEdit(Verb verb, ObjectName object, String newName, String type, String by) {

    private static final Pattern WRITTEN = Pattern.compile("([a-z]+(?: [a-z]+)?) (?:(\\w+)\\.)?(\\w+)");

    /**
     * {@code ADD}: a column of which the rows that there are get a value. {@code PREPARE}: a column whose indexes and
     * checks are built on another one as well; {@code REPLACE}: one whose name and all that other people have put on it
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
     * The drop of what is written as its kind and its name, {@code column orders.note}; throws
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
