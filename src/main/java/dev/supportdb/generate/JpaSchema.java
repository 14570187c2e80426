package dev.supportdb.generate;

import static java.util.stream.Collectors.toSet;

import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import dev.supportdb.schema.SchemaFingerprint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The part of a schema that JPA can express: tables, columns with type, nullability and default, keys, indexes on
 * columns, and the ordered values of enum types. Leaves out checks, indexes that are partial, on expressions or not
 * B-trees, triggers, functions and grants. A comment counts if a class has one.
 *
 * @param facts  comparable with those of another schema
 * @param tables the tables by name
 * @param enums  the ordered values by type
 */
record JpaSchema(SchemaFingerprint facts, SortedMap<String, JpaTable> tables, SortedMap<String, List<String>> enums) {

    private static final Set<String> OF_COLUMNS =
            Set.of("type", "length", "not null", "identity", "default", "generated", "stored", "comment");

    /** @param unmapped tables, and columns as {@code table.column}, to leave out */
    static JpaSchema of(SchemaFingerprint schema, Set<String> unmapped) {
        Reader reader = new Reader(unmapped);
        List<ObjectFacts> objects = schema.objects().values().stream()
                .filter(object -> "public".equals(object.facts().get(0).schema())).toList();
        // Tables first, because their parts are added to them.
        objects.forEach(reader::table);
        objects.forEach(reader::part);
        return reader.schema();
    }

    /** The same schema without comments that the other one does not have. */
    JpaSchema withCommentsOf(JpaSchema other) {
        Set<String> commented = other.facts.objects().entrySet().stream()
                .filter(object -> object.getValue().has("comment")).map(Map.Entry::getKey).collect(toSet());
        return new JpaSchema(SchemaFingerprint.of(facts.objects().values().stream()
                .flatMap(object -> object.facts().stream())
                .filter(fact -> !fact.isComment() || commented.contains(fact.name())).toList()), tables, enums);
    }

    private static final class Reader {

        private final Set<String> unmapped;
        private final List<Fact> facts = new ArrayList<>();
        private final SortedMap<String, JpaTable> tables = new TreeMap<>();
        private final SortedMap<String, List<String>> enums = new TreeMap<>();

        Reader(Set<String> unmapped) {
            this.unmapped = unmapped;
        }

        void table(ObjectFacts object) {
            Fact subject = object.facts().get(0);
            if (subject.kind().equals("table") && !unmapped.contains(subject.object())) {
                tables.put(subject.object(), JpaTable.named(subject.object(), object.value("comment")));
                facts.add(said(subject, "a table"));
                facts.addAll(object.only(Fact::isComment).facts());
            }
        }

        void part(ObjectFacts object) {
            Fact subject = object.facts().get(0);
            switch (subject.kind()) {
                case "table column" -> column(object, subject);
                case "trigger" -> object.value("definition").filter(sql -> tables.containsKey(subject.object()))
                        .ifPresent(sql -> tables.get(subject.object()).triggers().put(subject.part(), sql));
                case "table constraint" -> TableKey.of(object)
                        .filter(key -> object.value("definition").orElseThrow().startsWith(key.definition()))
                        .filter(key -> tables.containsKey(key.table())).ifPresent(key -> {
                            tables.get(key.table()).keys().put(key.name(), key);
                            facts.add(said(subject, key.definition()));
                        });
                case "index" -> index(object.definition());
                case "type" -> {
                    if (object.has("label")) {
                        enums.put(subject.object(), object.values("label"));
                        facts.add(said(subject, "enum: " + String.join(", ", object.values("label"))));
                    }
                }
                default -> { }
            }
        }

        private void column(ObjectFacts object, Fact subject) {
            if (tables.containsKey(subject.object()) && !object.has("as in the parent")
                    && !unmapped.contains(subject.object() + "." + subject.part())) {
                tables.get(subject.object()).columns().put(subject.part(), CatalogColumn.of(object));
                facts.addAll(object.only(fact -> OF_COLUMNS.contains(fact.aspect())).facts());
            }
        }

        private void index(ObjectFacts definition) {
            Optional<TableIndex> index = Optional.of(definition).filter(TableIndex::isWhole).map(TableIndex::of)
                    .filter(found -> found.isOfColumns() && tables.containsKey(found.table()));
            index.ifPresent(found -> {
                tables.get(found.table()).indexes().put(found.name(), found);
                facts.addAll(definition.facts());
            });
        }

        /** A fact with only what JPA can express, equal in both schemas. */
        private static Fact said(Fact subject, String text) {
            return new Fact(subject.kind(), subject.schema(), subject.object(), subject.part(), "definition", text);
        }

        JpaSchema schema() {
            tables.values().forEach(table -> table.keys().keySet().forEach(key -> {
                table.indexes().remove(key);
                facts.removeIf(fact -> fact.kind().equals("index") && fact.object().equals(key));
            }));
            return new JpaSchema(SchemaFingerprint.of(facts), tables, enums);
        }
    }
}
