package dev.supportdb.generate;

import dev.supportdb.schema.Fingerprint;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Of all that is known of a schema, what JPA can say: tables, columns with type, nullability and default, keys, indexes
 * of columns, and the values of enum types but not their order. Checks, partial indexes, those of expressions or of
 * another kind than a tree, triggers, functions and grants are left out, and so are comments, which the changelog has.
 *
 * @param facts  comparable with those of another schema
 * @param tables the same facts taken apart, by name
 * @param enums  values by type, sorted
 */
record JpaSchema(Fingerprint facts, SortedMap<String, JpaTable> tables, SortedMap<String, List<String>> enums) {

    private static final Pattern COMMENT = Pattern.compile("comment E?'(.*)'", Pattern.DOTALL);
    private static final Pattern NOT_SAID = Pattern.compile("(comment|owner|grant) .*", Pattern.DOTALL);
    private static final Pattern COLLATION = Pattern.compile("^([^']*?) collate \\S+");
    private static final Pattern STORED =
            Pattern.compile("( storage \"\\w\"| compression \"\\w\"| statistics \\d+)+$");
    private static final Pattern KEY = Pattern.compile("((?:PRIMARY KEY|UNIQUE|FOREIGN KEY) \\(.*?)"
            + "(?: NOT)?(?: DEFERRABLE| VALID|$).*");
    private static final Pattern CONSTRAINT = Pattern.compile("table constraint (\\S+) on public\\.(\\S+)");
    private static final String INDEXED = "(?:\\w+|\"[^\"]+\")(?: DESC)?(?: NULLS (?:FIRST|LAST))?";
    private static final Pattern INDEX = Pattern.compile(
            "CREATE (?:UNIQUE )?INDEX (\\S+) ON public\\.(\\S+) USING btree \\("
            + INDEXED + "(?:, " + INDEXED + ")*\\)");
    private static final Pattern ENUM = Pattern.compile("enum \\('(.*)'\\)");

    private static final String TABLE = "table public.";
    private static final String COLUMN = "table column public.";
    private static final String TYPE = "type public.";

    /** @param unmapped tables, and columns as {@code table.column}, to leave out */
    static JpaSchema of(Fingerprint schema, Set<String> unmapped) {
        JpaSchema mapped = new JpaSchema(new Fingerprint(new TreeMap<>()), new TreeMap<>(), new TreeMap<>());
        SortedMap<String, SortedSet<String>> facts = new TreeMap<>();
        // Tables first: what is said of their parts is put there.
        schema.facts().forEach((object, said) -> mapped.addTable(object, said, unmapped));
        schema.facts().forEach((object, said) -> {
            SortedSet<String> kept = new TreeSet<>();
            said.stream().flatMap(fact -> mapped.add(object, fact, comment(said), unmapped).stream())
                    .forEach(kept::add);
            if (!kept.isEmpty()) {
                facts.put(object, kept);
            }
        });
        mapped.tables.values().forEach(table -> table.indexes().keySet().removeAll(table.constraints().keySet()));
        mapped.tables.values().forEach(table -> table.constraints().keySet()
                .forEach(key -> facts.remove("index public." + key)));
        return new JpaSchema(new Fingerprint(facts), mapped.tables, mapped.enums);
    }

    private void addTable(String object, SortedSet<String> said, Set<String> unmapped) {
        if (object.startsWith(TABLE)) {
            String name = object.substring(TABLE.length());
            if (!unmapped.contains(name)) {
                tables.put(name, JpaTable.named(name, comment(said)));
            }
        }
    }

    /** The fact as it is compared; empty when it is not. */
    private Optional<String> add(String object, String fact, Optional<String> comment, Set<String> unmapped) {
        if (NOT_SAID.matcher(fact).matches()) {
            return Optional.empty();
        }
        if (object.startsWith(TABLE)) {
            return Optional.ofNullable(tables.get(object.substring(TABLE.length()))).map(table -> "a table");
        }
        if (object.startsWith(COLUMN)) {
            String column = object.substring(COLUMN.length());
            String table = column.substring(0, column.indexOf('.'));
            String kept = STORED.matcher(COLLATION.matcher(fact).replaceFirst("$1")).replaceFirst("");
            return unmapped.contains(column) ? Optional.empty() : put(table, kept, found ->
                    found.columns().put(column.substring(table.length() + 1),
                            CatalogColumn.of(column.substring(table.length() + 1), kept, comment)));
        }
        Matcher constraint = CONSTRAINT.matcher(object);
        Matcher key = KEY.matcher(fact);
        if (constraint.matches() && key.matches()) {
            return put(constraint.group(2), key.group(1), found ->
                    found.constraints().put(constraint.group(1), key.group(1).replace("public.", "")));
        }
        Matcher index = INDEX.matcher(fact);
        if (object.startsWith("index public.") && index.matches()) {
            return put(index.group(2), fact, found ->
                    found.indexes().put(index.group(1), fact.replace("public.", "").replace(" USING btree", "")));
        }
        Matcher values = ENUM.matcher(fact);
        if (object.startsWith(TYPE) && values.matches()) {
            List<String> sorted = Stream.of(values.group(1).split("', '")).sorted().toList();
            enums.put(object.substring(TYPE.length()), sorted);
            return Optional.of("enum, in any order: " + String.join(", ", sorted));
        }
        return Optional.empty();
    }

    private Optional<String> put(String table, String fact, Consumer<JpaTable> where) {
        Optional<JpaTable> found = Optional.ofNullable(tables.get(table));
        found.ifPresent(where);
        return found.map(known -> fact);
    }

    private static Optional<String> comment(SortedSet<String> said) {
        return said.stream().map(COMMENT::matcher).filter(Matcher::matches)
                .map(comment -> comment.group(1).replace("''", "'").replace("\\\\", "\\")).findFirst();
    }
}
