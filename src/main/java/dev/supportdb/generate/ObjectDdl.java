package dev.supportdb.generate;

import dev.supportdb.changelog.OnlineDdl;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How one object of a fingerprint goes from one definition to another, as statements.
 *
 * @param statements   in their order
 * @param transaction whether they are one transaction; else each commits by itself and can be run again
 */
record ObjectDdl(List<String> statements, boolean transaction) {

    /** What a server has to be told apart from the definition. */
    private static final Set<String> MORE = Set.of("storage", "compression", "statistics", "fires",
            "its triggers not all enabled", "clustered", "replica identity", "tablespace", "part of", "not populated");

    private static final Set<String> ALTERED = Set.of("not null", "default");

    private static final String PUBLIC = "public.";

    /** Empty where the way is not known, or for a person to decide; no facts stand for no object. */
    static Optional<ObjectDdl> of(ObjectFacts from, ObjectFacts to) {
        if (!isPlain(from) || !isPlain(to)) {
            return Optional.empty();
        }
        if (from.isEmpty() && to.isEmpty()) {
            return inTransaction();
        }
        Fact subject = (from.isEmpty() ? to : from).facts().get(0);
        return switch (subject.kind()) {
            case "table column" -> column(plain(subject), subject.part(), from, to);
            case "table constraint" -> constraint(plain(subject), subject.part(), to);
            case "trigger" -> trigger(plain(subject), subject.part(), from, to);
            case "index" -> to.isEmpty() ? Optional.of(dropIndex(plain(subject)))
                    : TableIndex.isWhole(to) ? Optional.of(index(TableIndex.of(to))) : Optional.empty();
            case "function", "procedure", "view", "type", "sequence" -> whole(subject, from, to);
            default -> Optional.empty();
        };
    }

    /** The changelog speaks of what is in the schema public without naming it. */
    static String plain(String name) {
        return name.startsWith(PUBLIC) ? name.substring(PUBLIC.length()) : name;
    }

    /** The object, of a part what it is a part of. */
    static String plain(Fact fact) {
        return "public".equals(fact.schema()) ? fact.object() : fact.path();
    }

    /** Whether one statement says it all, and Liquibase leaves it as it is. */
    static boolean isPlain(ObjectFacts definition) {
        return !definition.hasAny(MORE)
                && definition.facts().stream().noneMatch(fact -> fact.value().contains("${")
                        || fact.aspect().equals("with") && !fact.kind().equals("index"));
    }

    private static Optional<ObjectDdl> inTransaction(String... statements) {
        return Optional.of(new ObjectDdl(List.of(statements), true));
    }

    private static ObjectDdl oneByOne(String... statements) {
        return new ObjectDdl(List.of(statements), false);
    }

    private static Optional<ObjectDdl> column(String table, String column, ObjectFacts from, ObjectFacts to) {
        String alter = "alter table %s ".formatted(table);
        if (to.isEmpty()) {
            return inTransaction(alter + "drop column " + column);
        }
        CatalogColumn after = CatalogColumn.of(to);
        if (from.isEmpty()) {
            return !after.isAddedAtOnce() || after.notNull() && after.defaultValue().isEmpty() ? Optional.empty()
                    : inTransaction(alter + "add column " + after.sql());
        }
        if (!rest(from).equals(rest(to))) {
            return Optional.empty();
        }
        CatalogColumn before = CatalogColumn.of(from);
        List<String> statements = new ArrayList<>();
        if (!after.defaultValue().equals(before.defaultValue())) {
            statements.add(alter + "alter column " + column
                    + after.defaultValue().map(" set default "::concat).orElse(" drop default"));
        }
        if (after.notNull() == before.notNull()) {
            return Optional.of(new ObjectDdl(statements, true));
        }
        statements.addAll(after.notNull() ? require(table, column).statements()
                : List.of(alter + "alter column " + column + " drop not null"));
        return Optional.of(new ObjectDdl(statements, false));
    }

    private static ObjectFacts rest(ObjectFacts column) {
        return column.only(fact -> !ALTERED.contains(fact.aspect()));
    }

    static ObjectDdl require(String table, String column) {
        return new ObjectDdl(OnlineDdl.require(table, column), false);
    }

    private static Optional<ObjectDdl> trigger(String table, String trigger, ObjectFacts from, ObjectFacts to) {
        String drop = "drop trigger %s on %s".formatted(trigger, table);
        return to.isEmpty() ? inTransaction(drop)
                : from.isEmpty() ? inTransaction(definition(to)) : inTransaction(drop, definition(to));
    }

    private static Optional<ObjectDdl> constraint(String table, String name, ObjectFacts to) {
        if (to.isEmpty()) {
            return Optional.of(oneByOne(OnlineDdl.dropConstraint(table, name)));
        }
        return switch (to.value("constraint type").orElseThrow()) {
            case "unique" -> TableKey.of(to).filter(key -> key.definition().equals(definition(to)))
                    .map(key -> unique(table, name, "unique", key.columnList()));
            case "check", "foreign key" -> Optional.of(!to.has("not valid") ? validated(table, name, constraint(to))
                    : oneByOne(OnlineDdl.dropConstraint(table, name),
                            "alter table %s add constraint %s %s".formatted(table, name, constraint(to))));
            default -> Optional.empty();
        };
    }

    /** As the house writes it, where that says as much as the server does. */
    static String constraint(ObjectFacts constraint) {
        String definition = definition(constraint);
        String notValid = constraint.has("not valid") ? " not valid" : "";
        Optional<String> check = constraint.value("check").map("check (%s)"::formatted);
        if (check.isPresent()) {
            return definition.equalsIgnoreCase(check.get() + notValid) ? check.get() + notValid : definition;
        }
        return TableKey.of(constraint).filter(key -> definition.equalsIgnoreCase(key.definition() + notValid))
                .map(key -> key.sql() + notValid).orElse(definition);
    }

    private static String definition(ObjectFacts facts) {
        return facts.value("definition").orElseThrow();
    }

    static ObjectDdl unique(String table, String name, String kind, String columns) {
        return new ObjectDdl(OnlineDdl.unique(table, name, kind, columns), false);
    }

    static ObjectDdl validated(String table, String name, String constraint) {
        return new ObjectDdl(OnlineDdl.validated(table, name, constraint), false);
    }

    static ObjectDdl index(TableIndex index) {
        return oneByOne("drop index concurrently if exists " + index.name(), index.sqlConcurrently());
    }

    static ObjectDdl dropIndex(String name) {
        return oneByOne("drop index concurrently if exists " + name);
    }

    private static Optional<ObjectDdl> whole(Fact subject, ObjectFacts from, ObjectFacts to) {
        String name = plain(subject);
        if (to.isEmpty() && (!subject.kind().equals("type") || from.has("label"))) {
            return inTransaction("drop " + subject.kind() + " " + name);
        }
        return switch (subject.kind()) {
            case "function", "procedure" -> from.isEmpty() || from.value("returns").equals(to.value("returns"))
                    ? inTransaction(definition(to)) : Optional.empty();
            case "view" -> from.isEmpty() && to.hasOnly(Set.of("persistence", "as"))
                    ? inTransaction("create view %s as%n%s".formatted(name, to.value("as").orElseThrow()))
                    : Optional.empty();
            case "type" -> from.isEmpty() && to.has("label")
                    ? inTransaction(EnumTypeChanges.create(to.values("label"), name)) : Optional.empty();
            default -> from.isEmpty() && to.value("persistence").equals(Optional.of("permanent"))
                    ? inTransaction(sequence(name, to)) : Optional.empty();
        };
    }

    /** Owned or not: the owner may still be to come. */
    static String sequence(String name, ObjectFacts facts) {
        return "create sequence %s as %s start %s increment %s minvalue %s maxvalue %s cache %s%s".formatted(
                name, facts.value("type").orElseThrow(), facts.value("start").orElseThrow(),
                facts.value("increment").orElseThrow(), facts.value("minvalue").orElseThrow(),
                facts.value("maxvalue").orElseThrow(), facts.value("cache").orElseThrow(),
                facts.has("cycle") ? " cycle" : "");
    }
}
