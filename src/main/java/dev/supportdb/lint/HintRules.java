package dev.supportdb.lint;

import dev.supportdb.backfill.SqlBackfill;
import dev.supportdb.changelog.OnlineDdl;
import dev.supportdb.changelog.SafeChange;
import dev.supportdb.changelog.YamlText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import liquibase.change.AbstractSQLChange;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The rules that are only a table of statement patterns: {@code hints.yaml}. */
final class HintRules {

    /** The integer types of the serial types. */
    static final Map<String, String> SERIAL = Map.of("serial", "integer", "serial4", "integer", "bigserial",
            "bigint", "serial8", "bigint", "smallserial", "smallint", "serial2", "smallint");

    private static final String THEN = "# in a later changeset\n";

    static final List<Rule> RULES = rules();

    private HintRules() {
    }

    private static List<Rule> rules() {
        try (InputStream file = HintRules.class.getResourceAsStream("hints.yaml")) {
            List<Map<String, Object>> rows = new Yaml(new SafeConstructor(new LoaderOptions())).load(file);
            return rows.stream().map(HintRules::rule).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Rule rule(Map<String, Object> row) {
        String name = (String) row.get("rule");
        List<Hint> hints = ((List<Map<String, Object>>) row.get("hints")).stream().map(Hint::of).toList();
        return new Rule(name, (String) row.get("asks"), (project, report) ->
                StatementAt.all(project).forEach(at -> first(hints, at).ifPresent(found -> found.names().forEach(
                        names -> at.report(report, Hint.filled(found.hint().text("says"), names),
                                instead(name, found.hint(), names, at))))));
    }

    private record Found(Hint hint, List<Map<String, String>> names) {}

    private static Optional<Found> first(List<Hint> hints, StatementAt at) {
        return hints.stream().map(hint -> new Found(hint, hint.in(at).toList()))
                .filter(found -> !found.names().isEmpty()).findFirst();
    }

    private static String instead(String rule, Hint hint, Map<String, String> names, StatementAt at) {
        if (hint.row().get("sql") instanceof List<?> statements) {
            return SafeChange.sql(filled(statements, names));
        }
        String then = hint.text("then");
        if (!then.isEmpty() || hint.row().containsKey("outside")) {
            return (hint.row().get("outside") instanceof List<?> statements
                    ? SafeChange.outsideTransaction(filled(statements, names)) : "")
                    + (then.isEmpty() ? "" : THEN + SafeChange.sql(List.of(Hint.filled(then, names))));
        }
        String table = Hint.filled("{table}", names);
        String column = Hint.filled("{column}", names);
        String type = names.getOrDefault("type", "").strip();
        String first = names.containsKey("type") ? SafeChange.addColumn(table, column, type) + THEN : "";
        return switch (hint.text("form")) {
            case "unique" -> first + SafeChange.outsideTransaction(OnlineDdl.unique(table,
                    name(names, column.isEmpty() ? "{table}_key" : "{table}_{column}_key"),
                    names.get("kind").replaceAll("\\s+", " "), names.getOrDefault("columns", column)));
            case "validated" -> first + SafeChange.outsideTransaction(OnlineDdl.validated(table,
                    name(names, "ck_{table}_<what>"),
                    names.get("definition").startsWith("references")
                            ? "foreign key (%s) %s".formatted(column, names.get("definition"))
                            : names.get("definition")));
            case "require" -> SafeChange.outsideTransaction(OnlineDdl.require(table, column));
            case "column" -> SafeChange.addColumn(table, column, SERIAL.getOrDefault(type, type));
            case "required column" -> first + SafeChange.outsideTransaction(OnlineDdl.require(table, column));
            case "new column" -> SafeChange.replaceColumn(table, column, type);
            case "backfill" -> SqlBackfill.changeset(table);
            case "index" -> {
                List<String> index = new ArrayList<>();
                index.add(Hint.filled("drop index concurrently if exists {schema}ix_{table}_{column}", names));
                index.add(Hint.filled("create index concurrently ix_{table}_{column} on {table} ({column})", names));
                yield "# after it\n" + SafeChange.outsideTransaction(index);
            }
            case "allow" -> "# if nobody waits for it:\n# lint: allow %s: <how long it takes, and who waits>\n%s"
                    .formatted(rule, at.step().change() instanceof AbstractSQLChange
                            ? YamlText.sql(at.step().sql()) + "\n" : SafeChange.sql(List.of(at.statement().text())));
            default -> Hint.filled(hint.text("yaml"), names) + "\n";
        };
    }

    private static String name(Map<String, String> names, String otherwise) {
        return Hint.filled(names.containsKey("name") ? "{name}" : otherwise, names);
    }

    private static List<String> filled(List<?> statements, Map<String, String> names) {
        return statements.stream().map(statement -> Hint.filled((String) statement, names)).toList();
    }
}
