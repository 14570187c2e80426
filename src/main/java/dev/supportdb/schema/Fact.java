package dev.supportdb.schema;

/**
 * A fact from the catalogue: an aspect of an object, or of a part of one, and its value. An aspect whose value is a
 * list has a fact for each element. Names are as SQL needs them, quoted if necessary.
 *
 * @param kind   the server's name for the kind, for instance {@code table column}
 * @param schema null if the object is in none
 * @param object the object, of a function with the types of its arguments; of a part, what it is a part of
 * @param part   a column, constraint, trigger, rule or policy of the object, or a publication it is in; null for the
 *               object itself
 * @param aspect the aspect, for instance {@code type} or {@code not null}
 * @param value  empty if the aspect needs no value, never null
 */
public record Fact(String kind, String schema, String object, String part, String aspect, String value) {

    /**
     * Returns the object's name for people: {@code table column public.tickets.id},
     * {@code trigger t on public.tickets}.
     */
    public String name() {
        if (part == null) {
            return kind + " " + path();
        }
        if (kind.endsWith(" column")) {
            return kind + " " + path() + "." + part;
        }
        return kind.equals("publication relation") ? kind + " " + path() + " in publication " + part
                : kind + " " + part + " on " + path();
    }

    /** The object with its schema, without the part. */
    public String path() {
        return schema == null ? object : schema + "." + object;
    }

    /** The same fact with another value. */
    Fact with(String other) {
        return new Fact(kind, schema, object, part, aspect, other);
    }

    /** Returns whether the fact defines the object; the others are its comment, owner and privileges. */
    public boolean isDefinition() {
        return !isComment() && !aspect.equals("owner") && !isPrivilege();
    }

    public boolean isComment() {
        return aspect.equals("comment");
    }

    /** Returns whether the fact is a privilege on the object. */
    public boolean isPrivilege() {
        return aspect.startsWith("grant ") || aspect.startsWith("revoke ");
    }
}
