package dev.supportdb.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.lint.ParsedChangeset.Step;
import dev.supportdb.postgres.Sql;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** Each suggestion of lint, with its gaps filled in, works on a server when it is pasted. */
final class SuggestionTest {

    private static final String HEAD = """
            - changeSet:
                id: "002_ticket_language-%02d-paste"
                author: support-db
                comment: Paste
            """;

    /** The text that a person puts into the gaps of a suggestion. */
    private static final Map<String, String> FILLED = Map.ofEntries(Map.entry("<column>", "note"),
            Map.entry("<columns>", "year"), Map.entry("<value>", "'x'"), Map.entry("<name>", "ix_pasted"),
            Map.entry("<bounds>", "year = 2026"), Map.entry("<partition>", "rides_2025"),
            Map.entry("<policy>", "own_tickets"), Map.entry("<condition>", "id > 0"),
            Map.entry("<trigger>", "keep_notes"), Map.entry("<table>", "tickets"), Map.entry("<schema>", "public"),
            Map.entry("<role>", "current_user"), Map.entry("<file>", "tickets.csv"),
            Map.entry("<statement>", "select 1"));

    /** Further statements, each of a form that has a suggestion of its own. */
    private static final List<String> MORE = List.of(
            "create index on rides (year)",
            "create unique index \"The index\" on \"public\".\"tickets\" (subject) where note = 'a: b'",
            "create index on tickets (lower(subject))",
            "drop index ix_tickets_note, ix_tickets_customer_id",
            "reindex index ix_tickets_note",
            "reindex (verbose) table tickets",
            "reindex schema public",
            "alter table tickets add constraint ux_tickets_subject unique (id, subject)",
            "alter table customers add constraint ux_customers_email unique (email)",
            "alter table tickets add code integer unique",
            "alter table tickets add constraint ck_tickets_note check (note <> ', not valid')",
            "alter table tickets add code integer default 1 check (code > 0)",
            "alter table tickets add boss integer default 1 references customers (id)",
            "alter table tickets add number bigserial",
            "alter table tickets add number bigint generated always as identity",
            "alter table tickets alter subject set not null",
            "alter table tickets add place text not null",
            "alter table tickets set unlogged",
            "cluster tickets using tickets_pkey",
            "alter index ix_tickets_note set tablespace pg_default",
            "truncate tickets",
            "delete from tickets where note is null",
            "create table copies as select id from tickets",
            "alter table tickets rename note to remark",
            "drop trigger keep_notes on tickets",
            "alter table tickets drop constraint if exists tickets_pkey cascade",
            "grant select on tickets to public",
            "alter table tickets force row level security",
            "alter table rides detach partition rides_2025",
            "create index on other.\"Odd One\" (note)",
            "drop index other.\"Ix Odd\"",
            "create index \"Ix\" on other.\"Odd One\" (note)",
            "alter table other.\"Odd One\" add unique (\"order\")",
            "alter table other.\"Odd One\" add constraint \"Ux Odd\" unique (\"order\")",
            "alter table other.\"Odd One\" add check (\"order\" > 0)",
            "alter table other.\"Odd One\" add foreign key (\"order\") references customers (id)",
            "alter table other.\"Odd One\" alter column \"order\" type bigint",
            "alter table other.\"Odd One\" alter column \"order\" set not null",
            "alter table other.\"Odd One\" add column \"Nick Name\" bigserial");

    @TempDir
    private Path project;

    /** With the base alone; null until it is needed, and after something has run outside a transaction. */
    private static TestDatabase database;

    @AfterAll
    static void drop() throws SQLException {
        if (database != null) {
            database.close();
            database = null;
        }
    }

    static Stream<String> rules() {
        return Stream.of(HintRules.RULES, RightsRules.RULES, RollbackRules.RULES, List.of(TypeWordsRule.RULE))
                .flatMap(List::stream).map(Rule::name);
    }

    static Stream<String> more() {
        return MORE.stream();
    }

    @ParameterizedTest
    @MethodSource("rules")
    void the_suggestions_of_a_rule_run(String rule) throws Exception {
        String bad = Files.readString(RuleExample.FOLDER.resolve(rule).resolve("bad.yaml"));
        for (Finding finding : RuleExample.of(project, bad).findings()) {
            run(finding, bad.lines().toList());
        }
    }

    @ParameterizedTest
    @MethodSource("more")
    void the_suggestion_for_a_statement_runs(String sql) throws Exception {
        String bad = SqlStatementTest.changeset("", sql);
        List<Finding> findings = RuleExample.of(project, bad).findings();

        assertThat(findings).isNotEmpty();
        for (Finding finding : findings) {
            run(finding, bad.lines().toList());
        }
    }

    @Test
    void a_missing_rollback_is_written_backwards_with_the_names_of_its_changes() throws Exception {
        assertThat(RuleExample.of(project, HEAD.formatted(2) + """
                    changes:
                      - createTable:
                          tableName: places
                          columns:
                            - column: {name: id, type: int}
                      - createIndex: {tableName: places, indexName: ix_places, columns: [{column: {name: id}}]}
                      - renameColumn: {tableName: tickets, oldColumnName: note, newColumnName: remark}
                      - createIndex: {tableName: tickets, indexName: ix_remark, columns: [{column: {name: remark}}]}
                      - renameTable: {oldTableName: customers, newTableName: clients}
                """).findings()).filteredOn(finding -> finding.rule().equals("rollback")).singleElement()
                .extracting(Finding::instead).isEqualTo("""
                        rollback:
                          - renameTable: {oldTableName: clients, newTableName: customers}
                          - sql: drop index concurrently if exists ix_remark
                          - renameColumn: {tableName: tickets, oldColumnName: remark, newColumnName: note}
                          - dropIndex: {tableName: places, indexName: ix_places}
                          - refuse: {loses: places, rows: select * from places}
                          - dropTable: {tableName: places}
                        """);
    }

    /** The check itself: what does not run is noticed. */
    @Test
    void a_suggestion_that_is_wrong_fails() throws Exception {
        Finding wrong = new Finding("", 8, "cascade", "", "- sql: alter table tickets drop column nothing\n");

        assertThatThrownBy(() -> run(wrong, SqlStatementTest.changeset("", "select 1").lines().toList()))
                .hasMessageContaining("column \"nothing\"");
    }

    private void run(Finding finding, List<String> bad) throws Exception {
        Place place = new Place(finding, bad);
        String instead = filled(finding.instead());
        List<String> changesets = place.pasted(instead);
        if (changesets.isEmpty()) {
            return; // The suggestion is a sentence, not YAML.
        }
        String before = place.before(instead);
        StringBuilder pasted = new StringBuilder(before.isEmpty() ? "" : HEAD.formatted(1) + before.indent(4));
        int first = RuleExample.LINES_BEFORE + (int) pasted.toString().lines().count();
        for (int i = 0; i < changesets.size(); i++) {
            pasted.append(HEAD.formatted(i + 2)).append(changesets.get(i).indent(4));
        }
        RuleExample example = RuleExample.of(project, pasted.toString());
        Files.writeString(project.resolve("changelog/main/tickets.csv"), "id\n7\n");

        assertThat(example.findings()).filteredOn(found -> found.line() > first).extracting(Finding::rule)
                .as(pasted.toString())
                .doesNotContain(finding.rule(), "valid", "unknown-key", "yaml");
        run(ChangelogProject.read(project).parsed());
    }

    private static String filled(String instead) {
        String text = instead;
        for (Map.Entry<String, String> gap : FILLED.entrySet()) {
            text = text.replace(gap.getKey(), gap.getValue());
        }
        return text.replaceAll("<[^<>]+>", "It");
    }

    /** The place of a finding in a changeset of an example. */
    private static final class Place {

        private final String attributes;
        private final List<String> items = new ArrayList<>();
        private final int item;
        private final boolean back;

        Place(Finding finding, List<String> bad) {
            int at = finding.line() - RuleExample.LINES_BEFORE - 1;
            int from = at;
            while (!bad.get(from).startsWith("- changeSet:")) {
                from--;
            }
            int block = at;
            while (block > from && !bad.get(block).strip().matches("changes:|rollback:")) {
                block--;
            }
            if (block == from) {
                block = from + bad.subList(from, bad.size()).indexOf("    changes:");
            }
            back = bad.get(block).strip().equals("rollback:");
            attributes = bad.subList(from, block).stream()
                    .filter(line -> line.strip().matches("(runInTransaction|labels): .*"))
                    .map(line -> line.strip() + "\n").collect(Collectors.joining());
            int found = 0;
            for (int i = block + 1; i < bad.size() && bad.get(i).startsWith("      "); i++) {
                if (bad.get(i).startsWith("      - ")) {
                    items.add("");
                    found += i <= at ? 1 : 0;
                }
                int last = items.size() - 1;
                items.set(last, items.get(last) + bad.get(i).substring(4) + "\n");
            }
            item = Math.max(0, found - 1);
        }

        /** Returns the text before it: a changeset by its keys, or nothing. */
        String before(String instead) {
            int kept = instead.startsWith("# after it") ? item + 1 : item;
            return kept == 0 || isKeys(instead) ? ""
                    : attributes + "changes:\n" + String.join("", items.subList(0, kept));
        }

        /** Returns whether the suggestion has keys of the changeset itself, which keeps its changes. */
        private static boolean isKeys(String instead) {
            return instead.matches("(?s)\\w+:.*") && !instead.contains("changes:");
        }

        /** The changesets with it, by their keys; none where it says in words what to do, or is about a rollback. */
        List<String> pasted(String instead) {
            List<String> pasted = new ArrayList<>();
            if (back) {
                return pasted;
            }
            for (String part : instead.split("(?m)^# in a later changeset$")) {
                Object yaml = new Yaml().load(part);
                if (yaml instanceof List<?> list) {
                    boolean column = list.get(0) instanceof Map<?, ?> map && map.containsKey("column");
                    pasted.add(attributes + "changes:\n" + (column ? "  - createTable:\n      tableName: pasted\n"
                            + "      remarks: It\n      columns:\n" + part.indent(8) : part.indent(2)));
                } else if (yaml instanceof Map<?, ?> keys && keys.containsKey("changes")) {
                    pasted.add(part);
                } else if (yaml instanceof Map<?, ?>) {
                    pasted.add(part.strip() + "\nchanges:\n" + String.join("", items));
                }
            }
            return pasted;
        }
    }

    private void run(ChangelogProject parsed) throws SQLException {
        if (database == null) {
            database = Databases.empty();
            try (Connection connection = database.connect()) {
                run(connection, parsed.changesets().stream()
                        .filter(changeset -> changeset.id().startsWith("001")).toList());
            }
        }
        List<ParsedChangeset> pasted = parsed.changesets().stream()
                .filter(changeset -> changeset.id().startsWith("002")).toList();
        boolean outside = pasted.stream().anyMatch(ParsedChangeset::isOutsideTransaction);
        // What is not committed is undone when the connection is closed.
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(outside);
            for (ParsedChangeset changeset : pasted) {
                run(connection, List.of(changeset));
                if (changeset.isOutsideTransaction() && changeset.forward().size() > 1) {
                    run(connection, List.of(changeset)); // Runs it again, as after a failure at its end.
                }
            }
        } finally {
            if (outside) {
                drop();
            }
        }
    }

    private static void run(Connection connection, List<ParsedChangeset> changesets) throws SQLException {
        for (ParsedChangeset changeset : changesets) {
            for (Step step : changeset.forward()) {
                if (!step.sql().isBlank()) {
                    Sql.execute(connection, step.sql());
                }
            }
        }
    }
}
