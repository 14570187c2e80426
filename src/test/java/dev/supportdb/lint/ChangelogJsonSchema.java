package dev.supportdb.lint;

import dev.supportdb.changelog.Phase;
import dev.supportdb.postgres.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.AddColumnConfig;
import liquibase.change.Change;
import liquibase.change.ChangeFactory;
import liquibase.change.ChangeParameterMetaData;
import liquibase.change.ConstraintsConfig;
import liquibase.change.core.LoadDataColumnConfig;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.precondition.PreconditionFactory;
import liquibase.precondition.core.PreconditionContainer;

/** The JSON schema by which editors check a changelog, made of what Liquibase and our own changes accept. */
final class ChangelogJsonSchema {

    static final Path FILE = Path.of("changelog/changelog.schema.json");

    private static final Map<String, Object> TEXT = Map.of("type", List.of("string", "number", "boolean", "null"));
    private static final Map<String, Object> FLAG = Map.of("type", List.of("boolean", "string"));
    private static final Map<String, Object> ANY = Map.of();

    private static final List<String> CLASSES = List.of("dev.supportdb.backfill.SqlBackfill");
    private static final List<String> TYPES = List.of("bigint", "boolean", "date", "integer", "jsonb", "numeric",
            "text", "timestamp with time zone", "uuid", "varchar(100)");
    private static final List<String> BACKFILL = List.of("name", "table", "prepare", "pending", "fill", "fillFile",
            "finish", "undoPrepare", "filled", "undo", "undoFile", "undoFinish", "undoNewRows", "replaces",
            "undoReplaces");

    private ChangelogJsonSchema() {
    }

    /** Writes it anew. */
    public static void main(String[] none) throws IOException {
        Files.writeString(FILE, text());
    }

    static String text() {
        return Json.of(sorted(root())) + "\n";
    }

    private static Object sorted(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream().collect(Collectors.toMap(entry -> entry.getKey().toString(),
                    entry -> sorted(entry.getValue()), (one, other) -> one, TreeMap::new));
        }
        return value instanceof Collection<?> list ? list.stream().map(ChangelogJsonSchema::sorted).toList() : value;
    }

    static Map<String, Object> root() {
        Map<String, Object> definitions = new LinkedHashMap<>();
        definitions.put("item", oneOf(items()));
        definitions.put("changeSet", changeSet());
        definitions.put("change", oneOf(changes()));
        definitions.put("preConditions", list(preconditions()));
        definitions.put("columns", list(object(Map.of("column", column()), Set.of("column"))));
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("$schema", "http://json-schema.org/draft-07/schema#");
        root.put("title", "Changelog of support-db");
        root.put("type", "object");
        root.put("properties", Map.of("databaseChangeLog", list(reference("item"))));
        root.put("required", List.of("databaseChangeLog"));
        root.put("additionalProperties", false);
        root.put("definitions", definitions);
        return root;
    }

    private static Map<String, Object> items() {
        Map<String, Object> items = all(UnknownKeyRules.ITEMS, ANY);
        items.put("changeSet", reference("changeSet"));
        items.put("preConditions", reference("preConditions"));
        items.put("include", object(all(UnknownKeyRules.INCLUDE, TEXT), Set.of("file")));
        items.put("property", object(all(UnknownKeyRules.PROPERTY, TEXT), Set.of()));
        return items;
    }

    private static Map<String, Object> changeSet() {
        Set<String> known = new TreeSet<>(new ChangeSet(new DatabaseChangeLog()).getSerializableFields());
        known.addAll(UnknownKeyRules.MORE_OF_CHANGESET);
        known.remove("preconditions");
        Map<String, Object> keys = all(known, TEXT);
        Stream.of("validCheckSum", "modifySql").forEach(key -> keys.put(key, ANY));
        keys.put("labels", Map.of("type", "string", "examples", Phase.ALL.stream().sorted().toList()));
        keys.put("changes", list(reference("change")));
        keys.put("rollback", Map.of("anyOf", List.of(list(reference("change")), TEXT, Map.of("type", "object"))));
        keys.put("preConditions", reference("preConditions"));
        return object(keys, Set.of("id", "author"));
    }

    private static Map<String, Object> changes() {
        ChangeFactory factory = Scope.getCurrentScope().getSingleton(ChangeFactory.class);
        Map<String, Object> changes = new LinkedHashMap<>();
        for (String name : new TreeSet<>(factory.getDefinedChanges())) {
            changes.put(name, change(factory, factory.create(name)));
        }
        changes.put("customChange", customChange());
        UnknownKeyRules.ROLLBACK.forEach(key -> changes.put(key, TEXT));
        return changes;
    }

    private static Map<String, Object> change(ChangeFactory factory, Change change) {
        Map<String, ChangeParameterMetaData> described = factory.getChangeMetaData(change).getParameters();
        Map<String, Object> keys = new LinkedHashMap<>();
        for (String field : new TreeSet<>(change.getSerializableFields())) {
            keys.put(field, field.equals("columns") ? reference("columns") : parameter(described.get(field)));
        }
        Map<String, Object> object = object(keys, Set.of());
        object.put("description", factory.getChangeMetaData(change).getDescription());
        // A change may be a text, such as "- sql: drop view v", or have no parameter.
        return Map.of("anyOf", List.of(object, TEXT));
    }

    private static Map<String, Object> parameter(ChangeParameterMetaData described) {
        if (described == null) {
            return ANY;
        }
        Map<String, Object> parameter = new LinkedHashMap<>(switch (described.getDataType()) {
            case "boolean" -> FLAG;
            case "string", "integer", "bigInteger" -> TEXT;
            default -> ANY;
        });
        if (described.getDescription() != null && !described.getDescription().isBlank()) {
            parameter.put("description", described.getDescription());
        }
        return parameter;
    }

    private static Map<String, Object> customChange() {
        Map<String, Object> name = Map.of("anyOf", List.of(Map.of("enum", BACKFILL), TEXT));
        Map<String, Object> param = object(Map.of("name", name, "value", TEXT), Set.of("name", "value"));
        return object(Map.of("class", Map.of("anyOf", List.of(Map.of("enum", CLASSES), TEXT)),
                "params", list(object(Map.of("param", param), Set.of("param")))), Set.of("class"));
    }

    private static Map<String, Object> column() {
        Set<String> known = new TreeSet<>(new AddColumnConfig().getSerializableFields());
        known.addAll(new LoadDataColumnConfig().getSerializableFields());
        Map<String, Object> keys = all(known, TEXT);
        keys.put("type", Map.of("anyOf", List.of(Map.of("enum", TYPES), TEXT)));
        keys.put("constraints", object(all(new ConstraintsConfig().getSerializableFields(), TEXT), Set.of()));
        return object(keys, Set.of());
    }

    private static Map<String, Object> preconditions() {
        Map<String, Object> keys = all(new PreconditionContainer().getSerializableFields(), ANY);
        PreconditionFactory.getInstance().getPreconditions().keySet().forEach(name -> keys.put(name, ANY));
        return oneOf(keys);
    }

    private static Map<String, Object> all(Collection<String> keys, Map<String, Object> value) {
        return new TreeSet<>(keys).stream()
                .collect(Collectors.toMap(key -> key, key -> value, (one, other) -> one, LinkedHashMap::new));
    }

    private static Map<String, Object> reference(String definition) {
        return Map.of("$ref", "#/definitions/" + definition);
    }

    private static Map<String, Object> list(Map<String, Object> items) {
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("type", "array");
        list.put("items", items);
        return list;
    }

    /** An element of a list, which is what its only key says. */
    private static Map<String, Object> oneOf(Map<String, Object> keys) {
        Map<String, Object> element = object(keys, Set.of());
        element.put("minProperties", 1);
        return element;
    }

    private static Map<String, Object> object(Map<String, Object> keys, Set<String> required) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("type", "object");
        object.put("properties", keys.entrySet().stream().sorted(Map.Entry.comparingByKey()).collect(Collectors.toMap(
                Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one, LinkedHashMap::new)));
        if (!required.isEmpty()) {
            object.put("required", new TreeSet<>(required));
        }
        object.put("additionalProperties", false);
        return object;
    }

    /** What of a document the schema does not accept, by where it is; of JSON schema as much as is used above. */
    static List<String> faults(Object schema, Object document, String at) {
        Map<?, ?> rules = (Map<?, ?>) schema;
        if (rules.get("$ref") instanceof String definition) {
            Map<?, ?> definitions = (Map<?, ?>) root().get("definitions");
            return faults(definitions.get(definition.replaceFirst(".*/", "")), document, at);
        }
        List<String> faults = new ArrayList<>();
        if (rules.get("anyOf") instanceof List<?> choices) {
            List<List<String>> tried = choices.stream().map(choice -> faults(choice, document, at)).toList();
            return tried.stream().anyMatch(List::isEmpty) ? List.of() : tried.get(0);
        }
        if (rules.get("enum") instanceof Collection<?> values && !values.contains(document)) {
            faults.add(at + ": " + document);
        }
        if (rules.containsKey("type") && !accepts(rules.get("type"), document)) {
            return List.of(at + " is no " + rules.get("type"));
        }
        if (document instanceof List<?> list && rules.containsKey("items")) {
            list.forEach(item -> faults.addAll(faults(rules.get("items"), item, at + "[]")));
        }
        if (document instanceof Map<?, ?> map && rules.get("properties") instanceof Map<?, ?> known) {
            map.forEach((key, value) -> faults.addAll(!known.containsKey(key) ? List.of(at + "." + key)
                    : faults(known.get(key), value, at + "." + key)));
            if (rules.get("required") instanceof Collection<?> required && !map.keySet().containsAll(required)) {
                faults.add(at + " lacks one of " + required);
            }
        }
        return faults;
    }

    private static boolean accepts(Object types, Object document) {
        String type = document == null ? "null" : document instanceof Map ? "object"
                : document instanceof List ? "array"
                : document instanceof Boolean ? "boolean" : document instanceof Number ? "number" : "string";
        return types.equals(type) || types instanceof Collection<?> several && several.contains(type);
    }
}
