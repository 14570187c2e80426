package dev.supportdb.lint;

import dev.supportdb.changelog.Suggestions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.AddColumnConfig;
import liquibase.change.Change;
import liquibase.change.ChangeFactory;
import liquibase.change.ConstraintsConfig;
import liquibase.change.core.LoadDataColumnConfig;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.precondition.Precondition;
import liquibase.precondition.PreconditionFactory;
import liquibase.precondition.core.PreconditionContainer;

/** Finds unknown keys, most of which Liquibase ignores without a message. The known keys come from Liquibase. */
final class UnknownKeyRules {

    /** The keys of a changelog, a list that Liquibase does not offer. */
    static final Set<String> ITEMS = Set.of("logicalFilePath", "changeSet", "include", "includeAll", "property",
            "preConditions", "objectQuotingStrategy", "changeLogId", "modifyChangeSets", "removeChangeSetProperty");
    static final Set<String> INCLUDE = Set.of("file", "relativeToChangelogFile", "labels", "contextFilter",
            "logicalFilePath", "errorIfMissing", "ignore");
    static final Set<String> PROPERTY = Set.of("name", "value", "labels", "contextFilter", "dbms", "global",
            "file", "relativeToChangelogFile", "errorIfMissing", "target");
    static final Set<String> MORE_OF_CHANGESET = Set.of("preConditions", "runWith", "runWithSpoolFile",
            "onValidationFail", "validCheckSum", "modifySql");

    /** The keys of a rollback that names another changeset. */
    static final Set<String> ROLLBACK = Set.of("changeSetId", "changeSetAuthor", "changeSetPath");

    /** Keys that people write although createIndex does not have them. */
    private static final Set<String> INDEX_OPTIONS = Set.of("where", "concurrently", "include", "with", "method");

    static final List<Rule> RULES = List.of(
            new Rule("unknown-key", "Liquibase ignores a key that it does not know: a misspelt key does nothing.",
                    UnknownKeyRules::unknown),
            new Rule("repeated-key", "A key occurs once in one place: of two, Liquibase ignores the first.",
                    UnknownKeyRules::repeated),
            new Rule("index-options", "createIndex has no where and no concurrently: it would build a different index.",
                    UnknownKeyRules::indexOptions));

    private UnknownKeyRules() {
    }

    private static void repeated(ChangelogProject project, Rule.Report report) {
        project.sources().forEach(source -> source.root().all().flatMap(element -> element.repeated().stream())
                .forEach(key -> report.add(source, key, "This is the second '%s' here.".formatted(key.key()),
                        key.key() + ": <value>   # both in one, or the second in a changeset of its own")));
    }

    private static void indexOptions(ChangelogProject project, Rule.Report report) {
        project.sources().forEach(source -> source.root().all()
                .filter(element -> element.key().equals("createIndex"))
                .forEach(index -> index.children().stream()
                        .filter(option -> INDEX_OPTIONS.contains(option.key()))
                        .forEach(option -> report.add(source, option,
                                "createIndex has no '%s', and Liquibase ignores it.".formatted(option.key()),
                                Suggestion.index(index)))));
    }

    private static void unknown(ChangelogProject project, Rule.Report report) {
        for (ChangelogFile source : project.sources()) {
            Walk walk = new Walk(source, report);
            walk.keys(source.root(), Set.of("databaseChangeLog"));
            source.items().forEach(walk::item);
        }
    }

    /** Walks through one file. */
    private record Walk(ChangelogFile source, Rule.Report report) {

        private void item(YamlElement item) {
            known(item, ITEMS);
            switch (item.key()) {
                case "include" -> keys(item, INCLUDE);
                case "property" -> keys(item, PROPERTY);
                case "preConditions" -> preconditions(item);
                case "changeSet" -> changeset(item);
                default -> {
                    // Other items hold only text.
                }
            }
        }

        private void changeset(YamlElement changeset) {
            Set<String> known = new TreeSet<>(new ChangeSet(new DatabaseChangeLog()).getSerializableFields());
            known.addAll(MORE_OF_CHANGESET);
            // In files the key is "preConditions".
            known.remove("preconditions");
            keys(changeset, known);
            changeset.child("preConditions").ifPresent(this::preconditions);
            Stream.of("changes", "rollback").flatMap(name -> changeset.child(name).stream())
                    .flatMap(changes -> changes.children().stream())
                    .filter(change -> !ROLLBACK.contains(change.key())).forEach(this::change);
        }

        private void preconditions(YamlElement parent) {
            for (YamlElement element : parent.children()) {
                Precondition precondition = PreconditionFactory.getInstance().create(element.key());
                if (precondition == null) {
                    known(element, new PreconditionContainer().getSerializableFields());
                } else if (Set.of("not", "and", "or").contains(element.key())) {
                    preconditions(element);
                } else if (element.key().equals("customPrecondition")) {
                    keys(element, Set.of("className", "param"));
                } else if (element.isMap()) {
                    keys(element, precondition.getSerializableFields());
                }
            }
        }

        private void change(YamlElement element) {
            ChangeFactory factory = Scope.getCurrentScope().getSingleton(ChangeFactory.class);
            Change change = factory.getDefinedChanges().contains(element.key()) ? factory.create(element.key()) : null;
            if (change == null) {
                known(element, factory.getDefinedChanges());
            } else if (element.key().equals("customChange")) {
                keys(element, Set.of("class", "param", "params"));
            } else if (element.isMap()) {
                Set<String> known = new TreeSet<>(change.getSerializableFields());
                if (element.key().equals("createIndex")) {
                    known.addAll(INDEX_OPTIONS);
                }
                keys(element, known);
                element.child("columns").ifPresent(columns -> columns(columns, element.key().startsWith("load")));
            }
        }

        private void columns(YamlElement columns, boolean load) {
            keys(columns, Set.of("column"));
            Set<String> known = new TreeSet<>(new AddColumnConfig().getSerializableFields());
            if (load) {
                known.addAll(new LoadDataColumnConfig().getSerializableFields());
            }
            for (YamlElement column : columns.children()) {
                keys(column, known);
                column.child("constraints").ifPresent(constraints ->
                        keys(constraints, new ConstraintsConfig().getSerializableFields()));
            }
        }

        private void keys(YamlElement parent, Set<String> known) {
            parent.children().forEach(child -> known(child, known));
        }

        private void known(YamlElement element, Set<String> known) {
            if (!known.contains(element.key())) {
                List<String> near = Suggestions.to(element.key(), new TreeSet<>(known));
                boolean isOldName = element.key().equals("context") && known.contains("contextFilter");
                report.add(source, element, element.key().isEmpty() ? "A key is missing here."
                        : isOldName ? "Since 4.16 Liquibase calls 'context' contextFilter."
                        : "Liquibase does not know the key '%s' here.".formatted(element.key()), near.isEmpty()
                        ? "# one of: " + String.join(", ", new TreeSet<>(known)) : near.get(0) + ": <value>");
            }
        }
    }
}
