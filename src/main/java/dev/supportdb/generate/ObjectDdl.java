package dev.supportdb.generate;

import static java.util.stream.Collectors.joining;

import dev.supportdb.changelog.OnlineDdl;
import dev.supportdb.postgres.SqlLiteral;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The statements that change one object of a fingerprint from one definition to another.
 *
 * @param statements  in order
 * @param transaction whether they run in one transaction; otherwise each commits by itself and is idempotent
 */
record ObjectDdl(List<String> statements, boolean transaction) {

    /** Kinds that are dropped and created again if their definition changes. */
    private static final Set<String> RECREATED = Set.of("trigger", "rule", "policy", "index", "statistics object");

    private static final Set<String> SEQUENCE_OPTIONS =
            Set.of("type", "start", "increment", "minvalue", "maxvalue", "cache", "cycle");

    private static final Set<String> ALTERED = Set.of("not null", "default", "identity");

    private static final String PUBLIC = "public.";

    /** Returns the statements; empty if they are not known or a person must decide. No facts mean no object. */
    static Optional<ObjectDdl> of(ObjectFacts from, ObjectFacts to) {
        if (from.isEmpty() && to.isEmpty()) {
            return inTransaction();
        }
        if (!isPlain(from) || !isPlain(to)) {
            return Optional.empty();
        }
        ObjectFacts before = Alterations.without(from);
        ObjectFacts after = Alterations.without(to);
        Fact subject = (from.isEmpty() ? to : from).facts().get(0);
        boolean stays = !from.isEmpty() && (before.equals(after) || !RECREATED.contains(subject.kind()));
        return (before.equals(after) ? inTransaction() : definition(subject, before, after))
                .map(ddl -> to.isEmpty() ? ddl : ddl.then(Alterations.between(stays ? from : ObjectFacts.NONE, to)));
    }

    private static Optional<ObjectDdl> definition(Fact subject, ObjectFacts from, ObjectFacts to) {
        String name = plain(subject);
        String part = subject.part();
        return switch (subject.kind()) {
            case "table column" -> column(name, part, from, to);
            case "table constraint" -> constraint(name, part, to);
            case "domain constraint" -> domainConstraint(name, part, from, to);
            case "index" -> to.isEmpty() ? Optional.of(dropIndex(name))
                    : TableIndex.isWhole(to) ? Optional.of(index(TableIndex.of(to))) : Optional.empty();
            case "sequence" -> sequence(name, from, to);
            case "type" -> type(name, from, to);
            case "view" -> view(name, from, to);
            case "trigger", "rule", "policy" -> recreated("drop %s %s on %s".formatted(subject.kind(), part, name),
                    from, to.isEmpty() ? "" : subject.kind().equals("policy") ? policy(name, part, to) : definition(to));
            case "statistics object" -> recreated("drop statistics " + name, from,
                    to.isEmpty() ? "" : definition(to));
            case "function", "procedure" -> to.isEmpty() ? inTransaction("drop " + subject.kind() + " " + name)
                    : from.isEmpty() || from.value("returns").equals(to.value("returns"))
                            ? inTransaction(definition(to)) : Optional.empty();
            case "materialized view" -> from.isEmpty() && to.hasOnly(Set.of("persistence", "as"))
                    ? inTransaction("create materialized view %s as%n%s".formatted(name, as(to)))
                    : to.isEmpty() ? inTransaction("drop materialized view " + name) : Optional.empty();
            case "schema" -> inTransaction((to.isEmpty() ? "drop schema " : "create schema ") + name);
            case "extension" -> extension(name, from, to);
            case "publication" -> publication(name, from, to);
            case "publication relation" -> publicationRelation(name, part, from, to);
            case "event trigger" -> recreated("drop event trigger " + name, from,
                    to.isEmpty() ? "" : "create event trigger %s on %s%s execute function %s".formatted(name,
                            value(to, "on"), to.value("when tag in").map(tags -> " when tag in ('%s')"
                                    .formatted(tags.replace(", ", "', '"))).orElse(""), value(to, "execute")));
            default -> Optional.empty();
        };
    }

    /** The name without the schema public, as the changelog writes it. */
    static String plain(String name) {
        return name.startsWith(PUBLIC) ? name.substring(PUBLIC.length()) : name;
    }

    /** The name of the object, or for a part of the object that contains it. */
    static String plain(Fact fact) {
        return "public".equals(fact.schema()) ? fact.object() : fact.path();
    }

    /** Returns whether Liquibase does not replace parts of its text. */
    static boolean isPlain(ObjectFacts definition) {
        return definition.facts().stream().noneMatch(fact -> fact.value().contains("${"));
    }

    private ObjectDdl then(List<String> more) {
        List<String> all = new ArrayList<>(statements);
        all.addAll(more);
        return new ObjectDdl(all, transaction);
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
        if (from.has("as in the parent") || to.has("as in the parent")) {
            return Optional.empty();
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

    private static Optional<ObjectDdl> recreated(String drop, ObjectFacts from, String create) {
        return Optional.of(new ObjectDdl(Stream.of(from.isEmpty() ? "" : drop, create.replaceFirst(";$", ""))
                .filter(statement -> !statement.isEmpty()).toList(), true));
    }

    private static String policy(String table, String name, ObjectFacts policy) {
        return "create policy %s on %s as %s for %s to %s%s%s".formatted(name, table, value(policy, "combines"),
                value(policy, "for"), value(policy, "to"),
                policy.value("using").map(" using "::concat).orElse(""),
                policy.value("with check").map(" with check "::concat).orElse(""));
    }

    private static Optional<ObjectDdl> domainConstraint(String domain, String name, ObjectFacts from, ObjectFacts to) {
        String alter = "alter domain %s ".formatted(domain);
        List<String> statements = new ArrayList<>();
        if (!from.isEmpty()) {
            statements.add(alter + "drop constraint " + name);
        }
        if (!to.isEmpty()) {
            statements.add(alter + "add constraint " + name + " " + definition(to));
        }
        return Optional.of(new ObjectDdl(statements, true));
    }

    private static Optional<ObjectDdl> constraint(String table, String name, ObjectFacts to) {
        if (to.isEmpty()) {
            return Optional.of(oneByOne(OnlineDdl.dropConstraint(table, name)));
        }
        if (to.has("its triggers not all enabled")) {
            return Optional.empty();
        }
        return switch (to.value("constraint type").orElseThrow()) {
            case "unique", "primary key" -> TableKey.of(to).filter(key -> key.definition().equals(definition(to)))
                    .map(key -> unique(table, name, key.type(), key.columnList()));
            case "check", "foreign key" -> Optional.of(!to.has("not valid") ? validated(table, name, constraint(to))
                    : oneByOne(OnlineDdl.dropConstraint(table, name),
                            "alter table %s add constraint %s %s".formatted(table, name, constraint(to))));
            default -> Optional.empty();
        };
    }

    /** The constraint as this changelog writes it, if that is as exact as the server's text. */
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
        return value(facts, "definition");
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

    private static Optional<ObjectDdl> view(String name, ObjectFacts from, ObjectFacts to) {
        return to.isEmpty() ? inTransaction("drop view " + name)
                : !to.hasOnly(Set.of("persistence", "as")) ? Optional.empty()
                : inTransaction("create %sview %s as%n%s".formatted(from.isEmpty() ? "" : "or replace ", name, as(to)));
    }

    private static String as(ObjectFacts view) {
        return value(view, "as").replaceFirst(";$", "");
    }

    private static Optional<ObjectDdl> type(String name, ObjectFacts from, ObjectFacts to) {
        if (from.has("label") || to.has("label")) {
            return to.isEmpty() ? inTransaction("drop type " + name)
                    : from.isEmpty() ? inTransaction(EnumTypeChanges.create(to.values("label"), name))
                    : EnumTypeChanges.renamed(name, from.values("label"), to.values("label"))
                            .map(statements -> new ObjectDdl(statements, true));
        }
        return !from.has("domain over") && !to.has("domain over") || !from.isEmpty() && !to.isEmpty() ? Optional.empty()
                : to.isEmpty() ? inTransaction("drop domain " + name)
                : inTransaction("create domain %s as %s%s".formatted(name, value(to, "domain over"),
                        to.value("collate").map(" collate "::concat).orElse("")));
    }

    private static Optional<ObjectDdl> sequence(String name, ObjectFacts from, ObjectFacts to) {
        if (to.isEmpty() || from.isEmpty()) {
            return inTransaction(to.isEmpty() ? "drop sequence " + name : sequence(name, to));
        }
        List<String> statements = new ArrayList<>();
        if (!from.value("persistence").equals(to.value("persistence"))) {
            statements.add("alter sequence %s set %s".formatted(name,
                    value(to, "persistence").equals("permanent") ? "logged" : "unlogged"));
        }
        if (!from.only(fact -> SEQUENCE_OPTIONS.contains(fact.aspect()))
                .equals(to.only(fact -> SEQUENCE_OPTIONS.contains(fact.aspect())))) {
            statements.add("alter sequence %s as %s %s".formatted(name, value(to, "type"), sequenceOptions(to)));
        }
        return Optional.of(new ObjectDdl(statements, true));
    }

    /** Creates a sequence without its owner, which may not exist yet. */
    static String sequence(String name, ObjectFacts facts) {
        return "create %ssequence %s as %s %s".formatted(
                facts.value("persistence").equals(Optional.of("unlogged")) ? "unlogged " : "", name,
                value(facts, "type"), sequenceOptions(facts));
    }

    /**
     * The same statements, plus the start or end of an identity.
     *
     * @param identity {@code always} or {@code by default}; empty to end it
     * @param sequence created or dropped with it; empty if it stays
     */
    ObjectDdl numbered(Fact column, Optional<String> identity, Optional<ObjectFacts> sequence) {
        String alter = "alter table %s alter column %s ".formatted(plain(column), column.part());
        List<String> all = new ArrayList<>(statements);
        if (identity.isEmpty()) {
            all.add(0, alter + "drop identity if exists");
        } else {
            all.add(alter + sequence.map(facts -> "add generated %s as identity (sequence name %s %s)".formatted(
                    identity.get(), facts.facts().get(0).path(), sequenceOptions(facts)))
                    .orElse("set generated " + identity.get()));
        }
        return new ObjectDdl(all, transaction);
    }

    private static String sequenceOptions(ObjectFacts facts) {
        return "start %s increment %s minvalue %s maxvalue %s cache %s%s".formatted(
                value(facts, "start"), value(facts, "increment"), value(facts, "minvalue"),
                value(facts, "maxvalue"), value(facts, "cache"), facts.has("cycle") ? " cycle" : " no cycle");
    }

    /** Creates or drops an extension; empty for an update, which has no rollback. */
    private static Optional<ObjectDdl> extension(String name, ObjectFacts from, ObjectFacts to) {
        return to.isEmpty() ? inTransaction("drop extension " + name)
                : !from.isEmpty() ? Optional.empty()
                : inTransaction("create extension %s schema %s version %s".formatted(name, value(to, "in schema"),
                        SqlLiteral.of(value(to, "version"))));
    }

    private static Optional<ObjectDdl> publication(String name, ObjectFacts from, ObjectFacts to) {
        if (to.isEmpty()) {
            return inTransaction("drop publication " + name);
        }
        if (!from.isEmpty() && from.has("all tables") != to.has("all tables")) {
            return Optional.empty();
        }
        String options = "(publish = '%s', publish_via_partition_root = %s)".formatted(
                Stream.of("insert", "update", "delete", "truncate").filter(to::has).collect(joining(", ")),
                to.has("by way of the partition root"));
        return inTransaction(from.isEmpty()
                ? "create publication %s%s with %s".formatted(name, to.has("all tables") ? " for all tables" : "", options)
                : "alter publication %s set %s".formatted(name, options));
    }

    private static Optional<ObjectDdl> publicationRelation(String table, String publication, ObjectFacts from,
            ObjectFacts to) {
        String alter = "alter publication %s ".formatted(publication);
        List<String> statements = new ArrayList<>();
        if (!from.isEmpty()) {
            statements.add(alter + "drop table " + table);
        }
        if (!to.isEmpty()) {
            statements.add(alter + "add table " + table
                    + to.value("columns").filter(columns -> !columns.equals("all")).map(" (%s)"::formatted).orElse("")
                    + to.value("where").map(where -> " where (" + where + ")").orElse(""));
        }
        return Optional.of(new ObjectDdl(statements, true));
    }

    private static String value(ObjectFacts facts, String aspect) {
        return facts.value(aspect).orElseThrow();
    }
}
