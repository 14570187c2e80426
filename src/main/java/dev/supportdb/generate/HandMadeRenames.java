package dev.supportdb.generate;

import dev.supportdb.postgres.SqlLiteral;
import dev.supportdb.schema.Difference.Sides;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.ObjectFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tables and columns that look renamed: one is dropped, and a new one has the same form. A rename would break an
 * application that still uses the old name, so a person has to write it.
 */
final class HandMadeRenames {

    private record Rename(Fact from, Fact to) {

        private String fromName() {
            return from.part() == null ? from.object() : from.part();
        }

        private String toName() {
            return to.part() == null ? to.object() : to.part();
        }

        private String statement() {
            return "alter table %s rename %sto %s".formatted(ObjectDdl.plain(from),
                    from.part() == null ? "" : "column " + from.part() + " ", toName());
        }
    }

    private final SortedMap<String, Sides> open;
    private final List<Rename> renames = new ArrayList<>();
    /** The new names and enum values as they occur in definitions, by a pattern for the old ones. */
    private final Map<Pattern, String> words = new LinkedHashMap<>();

    private HandMadeRenames(SortedMap<String, Sides> open) {
        this.open = open;
    }

    static HandMadeRenames of(SortedMap<String, Sides> open) {
        HandMadeRenames renames = new HandMadeRenames(open);
        renames.find("table");
        renames.find("table column");
        renames.renames.forEach(rename -> renames.words.put(
                Pattern.compile("(?<!\\w)" + Pattern.quote(rename.fromName()) + "(?!\\w)"), rename.toName()));
        open.values().forEach(renames::values);
        return renames;
    }

    private void find(String kind) {
        List<Sides> ofKind = open.values().stream().filter(sides -> sides.subject().kind().equals(kind)).toList();
        ofKind.stream().filter(sides -> sides.right().isEmpty()).forEach(gone -> {
            List<Sides> alike = ofKind.stream().filter(sides -> sides.left().isEmpty() && isAlike(gone, sides)).toList();
            if (alike.size() == 1) {
                renames.add(new Rename(gone.subject(), alike.get(0).subject()));
            }
        });
    }

    private void values(Sides type) {
        List<String> before = type.left().values("label");
        List<String> after = type.right().values("label");
        if (EnumTypeChanges.renamed("", before, after).isPresent()) {
            for (int i = 0; i < before.size(); i++) {
                words.put(Pattern.compile(Pattern.quote(SqlLiteral.of(before.get(i)))), SqlLiteral.of(after.get(i)));
            }
        }
    }

    private boolean isAlike(Sides gone, Sides made) {
        Fact from = gone.subject();
        Fact to = made.subject();
        return from.part() == null
                ? from.schema().equals(to.schema()) && columns(from, true).equals(columns(to, false))
                : from.path().equals(to.path()) && gone.left().value("type").equals(made.right().value("type"));
    }

    /** The types of the columns by name. */
    private Map<String, Optional<String>> columns(Fact table, boolean gone) {
        Map<String, Optional<String>> columns = new TreeMap<>();
        open.values().stream().filter(sides -> sides.subject().kind().equals("table column")
                && sides.subject().path().equals(table.path()))
                .forEach(sides -> columns.put(sides.subject().part(),
                        (gone ? sides.left() : sides.right()).value("type")));
        return columns;
    }

    /** The reasons by object. */
    Map<String, String> reasons() {
        Map<String, String> reasons = new TreeMap<>();
        renames.forEach(rename -> {
            reasons.put(rename.from().name(), ("is missing, and %s of the same form is new. If it was renamed, write "
                    + "\"%s\" and its rollback in a feature of phase contract, else restore it")
                    .formatted(rename.toName(), rename.statement()));
            reasons.put(rename.to().name(), "looks like %s, renamed".formatted(rename.fromName()));
        });
        return reasons;
    }

    /** Returns whether the object is one of them, or differs only in the new names. */
    boolean explain(Sides sides) {
        return reasons().containsKey(sides.subject().name())
                || !sides.left().isEmpty() && !sides.right().isEmpty() && !sides.left().has("label")
                        && texts(sides.left()).stream().map(this::inNewWords).sorted().toList()
                        .equals(texts(sides.right()).stream().sorted().toList());
    }

    private String inNewWords(String text) {
        String replaced = text;
        for (Map.Entry<Pattern, String> word : words.entrySet()) {
            replaced = word.getKey().matcher(replaced).replaceAll(Matcher.quoteReplacement(word.getValue()));
        }
        return replaced;
    }

    private static List<String> texts(ObjectFacts facts) {
        return facts.facts().stream().map(fact -> fact.aspect() + " " + fact.value()).toList();
    }
}
