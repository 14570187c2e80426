package dev.supportdb.schema;

import static java.util.stream.Collectors.joining;

import dev.supportdb.postgres.SqlLiteral;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Writes facts for people. Nothing parses this text. */
final class FactText {

    /** Aspects that repeat a definition or another aspect, for programs. */
    private static final Set<String> PIECES = Set.of("length", "constraint type", "check", "column", "references",
            "referenced column", "on update", "on delete", "not valid", "returns");

    /** Aspects whose value needs no label. */
    private static final Set<String> BARE =
            Set.of("definition", "persistence", "type", "bound", "combines", "fires", "rows");

    /** Kinds whose text reads like a SQL clause, without commas. */
    private static final Set<String> CLAUSES = Set.of("policy", "type", "publication relation");

    /** Aspects of an index that are part of its CREATE INDEX statement. */
    private static final Set<String> INDEX = Set.of("unique", "only", "on", "using", "key", "column", "include",
            "nulls not distinct", "with", "where");

    private FactText() {
    }

    /** @param facts one definition, or one note */
    static String of(ObjectFacts facts) {
        String kind = facts.facts().get(0).kind();
        if (kind.equals("index") && facts.has("key")) {
            return Stream.concat(Stream.of(index(facts)), texts(facts.only(fact -> !INDEX.contains(fact.aspect()))))
                    .collect(joining(", "));
        }
        return texts(facts).collect(joining(kind.endsWith(" column") || CLAUSES.contains(kind) ? " " : ", "));
    }

    /** The text as pg_get_indexdef() writes it. */
    private static String index(ObjectFacts facts) {
        return "CREATE %sINDEX %s ON %s%s USING %s (%s)%s%s%s%s".formatted(
                facts.has("unique") ? "UNIQUE " : "", facts.facts().get(0).object(), facts.has("only") ? "ONLY " : "",
                facts.value("on").orElseThrow(), facts.value("using").orElseThrow(),
                String.join(", ", facts.values("key")),
                facts.has("include") ? " INCLUDE (" + String.join(", ", facts.values("include")) + ")" : "",
                facts.has("nulls not distinct") ? " NULLS NOT DISTINCT" : "",
                facts.has("with") ? " WITH (" + String.join(", ", facts.values("with")) + ")" : "",
                facts.value("where").map(" WHERE "::concat).orElse(""));
    }

    private static Stream<String> texts(ObjectFacts facts) {
        Map<String, List<String>> aspects = new LinkedHashMap<>();
        facts.facts().stream().map(Fact::aspect).filter(aspect -> !PIECES.contains(aspect))
                .forEach(aspect -> aspects.put(aspect, facts.values(aspect)));
        return aspects.entrySet().stream().map(aspect -> text(aspect.getKey(), aspect.getValue()));
    }

    private static String text(String aspect, List<String> values) {
        String value = String.join(", ", values);
        return switch (aspect) {
            case "comment" -> "comment " + SqlLiteral.of(value);
            case "label" -> "enum (" + values.stream().map(SqlLiteral::of).collect(joining(", ")) + ")";
            case "identity" -> "generated " + value + " as identity";
            case "generated" -> "generated always as (" + value + ")";
            case "as" -> "as\n" + value;
            default -> value.isEmpty() ? aspect : BARE.contains(aspect) ? value : aspect + " " + value;
        };
    }
}
