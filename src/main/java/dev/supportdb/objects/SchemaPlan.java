package dev.supportdb.objects;

import dev.supportdb.objects.SchemaEdit.Verb;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The existing objects that a run drops or changes, by their names before the run. */
public final class SchemaPlan {

    /**
     * @param verb {@code add}, {@code drop}, {@code retype} or {@code replace}
     * @param at   the changeset
     * @param type       the new type of a column that keeps its dependent objects; null for all others
     * @param by         the column that replaces it, or null
     * @param isPrepared whether the run first builds the indexes and checks on that column
     */
    record Target(String verb, ObjectName object, String at, String type, String by, boolean isPrepared) {

        @Override
        public String toString() {
            return "%s %s (%s)".formatted(object, verb.equals("drop") ? "is dropped"
                    : verb.equals("add") ? "changes rows of this type" : "gets another type", at);
        }
    }

    /** The name before the run, by the current name; empty for objects that the run itself creates. */
    private final Map<ObjectName, Optional<ObjectName>> before = new HashMap<>();

    private final Map<String, Target> targets = new LinkedHashMap<>();

    private final List<String> types = new ArrayList<>();

    private final Set<ObjectName> prepared = new HashSet<>();

    /** @param at the changeset whose edits these are, for people */
    public void add(String at, List<SchemaEdit> edits) {
        edits.forEach(edit -> add(at, edit));
    }

    private void add(String at, SchemaEdit edit) {
        ObjectName name = edit.object();
        Optional<ObjectName> object = original(name);
        if (edit.verb() == Verb.CREATE) {
            Optional.ofNullable(edit.type()).ifPresent(types::add);
            return;
        }
        if (edit.verb() == Verb.PREPARE) {
            prepared.add(name);
            return;
        }
        boolean renames = edit.verb() == Verb.RENAME;
        if (renames || edit.verb() == Verb.REPLACE) {
            before.put(name, Optional.empty());
            if (edit.newName() != null) {
                // The replacing object takes over the dependent objects of the replaced one.
                before.put(new ObjectName(name.kind(), name.table(), edit.newName()),
                        renames ? object : Optional.empty());
            }
        }
        boolean isTarget = !renames && (edit.verb() != Verb.REPLACE || edit.type() != null);
        if (isTarget && object.isPresent()) {
            String verb = edit.verb().name().toLowerCase(Locale.ROOT);
            targets.putIfAbsent(verb + " " + object.get(), new Target(verb, object.get(), at, edit.type(), edit.by(),
                    edit.verb() == Verb.REPLACE && prepared.contains(name)));
        }
    }

    private Optional<ObjectName> original(ObjectName name) {
        if (before.containsKey(name)) {
            return before.get(name);
        }
        if (name.table() == null) {
            return Optional.of(name);
        }
        return original(ObjectName.of(ObjectName.RELATION, name.table())).map(table -> name.at(table.name()))
                .flatMap(part -> before.getOrDefault(part, Optional.of(part)));
    }

    /** The statements that create types, in the order of the run. */
    List<String> types() {
        return types;
    }

    /** The changed objects, in the order of the run. */
    List<Target> targets() {
        return new ArrayList<>(targets.values());
    }
}
