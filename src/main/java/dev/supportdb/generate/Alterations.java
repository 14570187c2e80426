package dev.supportdb.generate;

import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Aspects of an object that their own statement changes, while the object and its rows stay. */
final class Alterations {

    /**
     * The statements that set an aspect and reset it. In both, {@code {object}} stands for the object or the one it is
     * a part of, {@code {part}} for the part, {@code {value}} for the value and {@code {name}} for the text before its
     * equals sign.
     */
    private record Alteration(String set, String reset) {

        private static Alteration ofTable(String set, String reset) {
            return new Alteration("alter table {object} " + set, "alter table {object} " + reset);
        }

        private static Alteration ofColumn(String set, String reset) {
            return ofTable("alter column {part} " + set, "alter column {part} " + reset);
        }
    }

    /** The firing of a trigger, a rule or an event trigger, as SQL keywords. */
    private static final Map<String, String> FIRES =
            Map.of("disabled", "disable", "on a replica only", "enable replica", "always", "enable always");

    /** Types of varying length whose default storage is not the usual one. */
    private static final Set<String> STORED_MAIN = Set.of("numeric", "inet", "cidr");

    /** Alterations by kind and aspect. */
    private static final Map<String, Alteration> BY_ASPECT = Map.ofEntries(
            Map.entry("table row security enabled",
                    Alteration.ofTable("enable row level security", "disable row level security")),
            Map.entry("table row security forced",
                    Alteration.ofTable("force row level security", "no force row level security")),
            Map.entry("table replica identity",
                    Alteration.ofTable("replica identity {value}", "replica identity default")),
            Map.entry("table with", Alteration.ofTable("set ({value})", "reset ({name})")),
            Map.entry("table toast with", Alteration.ofTable("set (toast.{value})", "reset (toast.{name})")),
            Map.entry("view with",
                    new Alteration("alter view {object} set ({value})", "alter view {object} reset ({name})")),
            Map.entry("table column storage", Alteration.ofColumn("set storage {value}", "set storage {storage}")),
            Map.entry("table column compression",
                    Alteration.ofColumn("set compression {value}", "set compression default")),
            Map.entry("table column statistics", Alteration.ofColumn("set statistics {value}", "set statistics -1")),
            Map.entry("table column with", Alteration.ofColumn("set ({value})", "reset ({name})")),
            Map.entry("index clustered",
                    new Alteration("alter table {table} cluster on {index}", "alter table {table} set without cluster")),
            Map.entry("trigger fires", Alteration.ofTable("{fires} trigger {part}", "enable trigger {part}")),
            Map.entry("rule fires", Alteration.ofTable("{fires} rule {part}", "enable rule {part}")),
            Map.entry("event trigger fires", new Alteration("alter event trigger {object} {fires}",
                    "alter event trigger {object} enable")),
            Map.entry("sequence owned by", new Alteration("alter sequence {object} owned by {value}",
                    "alter sequence {object} owned by none")),
            Map.entry("statistics object statistics", new Alteration("alter statistics {object} set statistics {value}",
                    "alter statistics {object} set statistics -1")),
            Map.entry("type not null",
                    new Alteration("alter domain {object} set not null", "alter domain {object} drop not null")),
            Map.entry("type default",
                    new Alteration("alter domain {object} set default {value}", "alter domain {object} drop default")));

    private Alterations() {
    }

    /** The object without the aspects that have statements of their own. */
    static ObjectFacts without(ObjectFacts object) {
        return object.only(fact -> !BY_ASPECT.containsKey(key(fact)));
    }

    /** The statements from one definition to the other, in the order of the aspects; resets come first. */
    static List<String> between(ObjectFacts from, ObjectFacts to) {
        List<String> statements = new ArrayList<>();
        from.facts().stream().filter(fact -> BY_ASPECT.containsKey(key(fact)))
                .filter(fact -> to.facts().stream().noneMatch(other -> isOfOneSetting(fact, other)))
                .forEach(fact -> statements.add(statement(BY_ASPECT.get(key(fact)).reset(), fact, from)));
        to.facts().stream().filter(fact -> BY_ASPECT.containsKey(key(fact)) && !from.facts().contains(fact))
                .forEach(fact -> statements.add(statement(BY_ASPECT.get(key(fact)).set(), fact, to)));
        return statements;
    }

    /** Returns whether setting one replaces the other. */
    private static boolean isOfOneSetting(Fact fact, Fact other) {
        return other.aspect().equals(fact.aspect()) && name(other).equals(name(fact));
    }

    private static String key(Fact fact) {
        return fact.kind() + " " + fact.aspect();
    }

    /** The name of an option. */
    private static String name(Fact fact) {
        return fact.aspect().endsWith("with") ? fact.value().replaceFirst("=.*", "") : "";
    }

    private static String statement(String template, Fact fact, ObjectFacts object) {
        String type = object.value("type").orElse("").replaceFirst("\\(.*", "");
        return template.replace("{object}", ObjectDdl.plain(fact))
                .replace("{table}", ObjectDdl.plain(object.value("on").orElse("")))
                .replace("{index}", fact.object())
                .replace("{fires}", FIRES.getOrDefault(fact.value(), ""))
                .replace("{storage}", STORED_MAIN.contains(type) ? "main" : "extended")
                .replace("{name}", name(fact))
                .replace("{part}", fact.part() == null ? "" : fact.part())
                .replace("{value}", fact.aspect().equals("owned by") ? ObjectDdl.plain(fact.value()) : fact.value());
    }
}
