package dev.supportdb.generate;

import dev.supportdb.postgres.SqlLiteral;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The comments and privileges of an object, beside its definition. */
final class CommentsAndGrants {

    private static final Set<String> WHOLE = Set.of("table", "view", "materialized view", "index", "sequence",
            "function", "procedure", "type", "schema");
    private static final Set<String> COLUMNS = Set.of("table column", "view column", "materialized view column");
    private static final Set<String> PARTS = Set.of("trigger", "policy", "rule");
    private static final Set<String> COMMENTED = Set.of("extension", "event trigger", "publication");
    private static final List<String> PRIVILEGES = List.of("select", "insert", "update", "delete", "truncate",
            "references", "trigger", "maintain", "usage", "create", "execute");

    private static final String DEFAULTS = "default acl";

    private CommentsAndGrants() {
    }

    /** The statements that change the comments and privileges; empty if no statement fits every database. */
    static Optional<List<String>> change(ObjectFacts from, ObjectFacts to) {
        List<Optional<String>> statements = new ArrayList<>();
        from.facts().stream().filter(fact -> fact.isPrivilege())
                .forEach(fact -> statements.add(privilege(fact, true, from)));
        from.facts().stream().filter(fact -> fact.isComment() && !to.has("comment"))
                .forEach(fact -> statements.add(comment(fact, "null")));
        if (from.has("owner") && !to.has("owner") && !from.facts().get(0).kind().equals(DEFAULTS)) {
            statements.add(owner(from.facts().get(0), "current_user"));
        }
        // The privilege facts of default privileges name the role whose objects get them.
        to.facts().stream().filter(fact -> !fact.kind().equals(DEFAULTS) || fact.isPrivilege())
                .forEach(fact -> statements.add(fact.isComment() ? comment(fact, SqlLiteral.of(fact.value()))
                : fact.isPrivilege() ? privilege(fact, false, to) : owner(fact, fact.value())));
        return statements.stream().allMatch(Optional::isPresent)
                ? Optional.of(statements.stream().flatMap(Optional::stream).toList()) : Optional.empty();
    }

    private static Optional<String> owner(Fact fact, String owner) {
        return !WHOLE.contains(fact.kind()) && !fact.kind().equals("publication")
                ? Optional.empty()
                : Optional.of("alter %s %s owner to %s".formatted(fact.kind(), ObjectDdl.plain(fact), owner));
    }

    private static Optional<String> comment(Fact fact, String text) {
        String place = ObjectDdl.plain(fact);
        String of = COLUMNS.contains(fact.kind()) ? "column %s.%s".formatted(place, fact.part())
                : fact.kind().equals("table constraint") ? "constraint %s on %s".formatted(fact.part(), place)
                : PARTS.contains(fact.kind()) ? "%s %s on %s".formatted(fact.kind(), fact.part(), place)
                : fact.kind().equals("statistics object") ? "statistics " + place
                : WHOLE.contains(fact.kind()) || COMMENTED.contains(fact.kind()) ? fact.kind() + " " + place : null;
        return Optional.ofNullable(of).map(found -> "comment on %s is %s".formatted(found, text));
    }

    /** @param back whether the privilege is revoked */
    private static Optional<String> privilege(Fact fact, boolean back, ObjectFacts notes) {
        if (fact.kind().equals(DEFAULTS)) {
            return defaultPrivilege(fact, back, notes.value("owner"));
        }
        if (fact.value().equals("the owner") || !COLUMNS.contains(fact.kind()) && !WHOLE.contains(fact.kind())) {
            return Optional.empty();
        }
        String columns = COLUMNS.contains(fact.kind()) ? " (%s)".formatted(fact.part()) : "";
        String kind = COLUMNS.contains(fact.kind()) || fact.kind().endsWith("view")
                ? "table" : fact.kind();
        return statement(fact, columns, kind + " " + ObjectDdl.plain(fact), back);
    }

    private static Optional<String> defaultPrivilege(Fact fact, boolean back, Optional<String> role) {
        int kinds = fact.object().lastIndexOf("on ");
        return statement(fact, "", fact.object().substring(kinds + "on ".length()), back)
                .map(sql -> "alter default privileges %s%s%s".formatted(role.map("for role %s "::formatted).orElse(""),
                        fact.object().substring(0, kinds), sql));
    }

    private static Optional<String> statement(Fact fact, String columns, String object, boolean back) {
        return PRIVILEGES.stream().flatMap(privilege -> statement(fact.aspect(), privilege, back).stream()
                .map(words -> words.formatted(privilege + columns, object, fact.value())))
                .findFirst();
    }

    /** The statement for a privilege; empty if the aspect is not about one. */
    private static Optional<String> statement(String aspect, String privilege, boolean back) {
        String grant = "grant %s on %s to %s";
        String revoke = "revoke %s on %s from %s";
        if (aspect.equals("grant %s to".formatted(privilege))) {
            return Optional.of(back ? revoke : grant);
        }
        if (aspect.equals("revoke %s from".formatted(privilege))) {
            return Optional.of(back ? grant : revoke);
        }
        return aspect.equals("grant option for %s to".formatted(privilege))
                ? Optional.of(back ? "revoke grant option for %s on %s from %s" : grant + " with grant option")
                : Optional.empty();
    }
}
