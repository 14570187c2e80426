package dev.supportdb.lint;

import static dev.supportdb.lint.RuleExample.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The project's own changelogs, and what is said of a mistake in them. */
final class LinterTest {

    private static final Path OWN = Path.of("");
    @TempDir
    private Path project;

    @Test
    void the_projects_own_changelogs_are_clean() throws IOException {
        assertThat(new Linter(OWN).findings()).isEmpty();
    }

    @Test
    void squawk_has_nothing_against_them_either_and_finds_what_no_rule_of_ours_does() throws IOException {
        assumeThat(SquawkLinter.onPath()).as("squawk is on the PATH").isPresent();
        assertThat(new Linter(OWN).withSquawk().orElseThrow().findings()).isEmpty();

        RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-add_language"
                    author: support-db
                    comment: Add language
                    changes:
                      - sql: alter table tickets add column language char(2)
                    rollback:
                      - dropColumn: {tableName: tickets, columnName: language}
                """);
        assertThat(new Linter(project).withSquawk().orElseThrow().findings()).singleElement().satisfies(finding -> {
            assertThat(finding.rule()).isEqualTo("squawk/ban-char-field");
            assertThat(finding.line()).isEqualTo(RuleExample.LINES_BEFORE + 6);
        });
    }

    @Test
    void a_command_that_a_changeset_runs_is_not_run() throws IOException {
        Path trace = project.resolve("trace");
        RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-leave_a_trace"
                    author: support-db
                    comment: Leave a trace
                    changes:
                      - executeCommand: {executable: touch, args: [{arg: {value: '%s'}}]}
                    rollback:
                      - executeCommand: {executable: touch, args: [{arg: {value: '%s'}}]}
                """.formatted(trace, trace));
        new Linter(project).findings();
        assertThat(trace).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"include: {file: 002_part/more.yaml", "includeAll: {path: 002_part/"})
    void a_file_that_a_feature_includes_is_refused_as_no_rule_would_read_it(String include) throws IOException {
        String path = "changelog/main/002_part/more.yaml";
        assertThat(RuleExample.of(project, """
                # changelog/main/002_part.yaml
                databaseChangeLog:
                  - logicalFilePath: changelog/main/002_part.yaml
                  - %s, relativeToChangelogFile: true}
                ---
                # %s
                databaseChangeLog:
                  - logicalFilePath: %s
                %s""".formatted(include, path, path, UPDATE.formatted("- sql: select 1").indent(2))).findings())
                .extracting(Finding::file, Finding::rule)
                .contains(tuple("changelog/main/002_part.yaml", "not-included"));
    }

    /** Of a rollback that makes a table anew, but for the name of the table that it indexes. */
    @ParameterizedTest
    @CsvSource({"answers, false", "tickets, true"})
    void a_rollback_may_index_the_table_that_it_makes_and_no_other(String indexed, boolean found) throws IOException {
        assertThat(RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-drop_open_tickets"
                    author: support-db
                    labels: contract
                    comment: Drop open_tickets
                    changes:
                      - sql: drop view open_tickets
                    rollback:
                      - sql: create table answers (id integer, body json)
                      - sql: create index ix_answers on %s using hash (id)
                """.formatted(indexed)).findings()).extracting(Finding::rule)
                .isEqualTo(found ? List.of("index-concurrently") : List.of());
    }

    @Test
    void a_data_loss_check_reads_the_table_as_the_rollback_writes_it() throws IOException {
        assertThat(RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-create_pets"
                    author: support-db
                    comment: Create pets
                    changes:
                      - sql: create table other."Pets" (id integer primary key)
                    rollback:
                      - sql: drop table other."Pets"
                """).findings()).extracting(Finding::instead)
                .containsExactly("- refuse: {loses: Pets, rows: select * from other.\"Pets\"}\n");
    }

    @Test
    void remarks_are_found_whatever_the_names_are() throws IOException {
        assertThat(RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-add_nick"
                    author: support-db
                    comment: Add a nick name
                    changes:
                      - addColumn:
                          schemaName: other
                          tableName: Odd One
                          columns:
                            - column: {name: Nick Name, type: text, remarks: What friends say}
                            - column: {name: Size, type: integer, remarks: "In cm"}
                    rollback:
                      - refuse: {loses: them, rows: select * from other."Odd One" where "Nick Name" is not null}
                      - sql: alter table other."Odd One" drop column "Nick Name", drop column "Size"
                """).findings()).isEmpty();
    }

    @Test
    void another_end_of_statements_is_that_of_liquibase() throws IOException {
        assertThat(RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-functions"
                    author: support-db
                    comment: Create functions
                    changes:
                      - sql:
                          endDelimiter: //
                          sql: |
                            create function two() returns integer language plpgsql as $$ begin return 2; end $$
                            //
                            lock table tickets in exclusive mode
                            //
                    rollback:
                      - sql: drop function two()
                """).findings()).extracting(Finding::rule).containsExactly("lock-table");
    }

    @ParameterizedTest
    @CsvSource({"serial, integer", "SERIAL8, bigint", "bigserial, bigint", "serial2, smallint"})
    void each_name_of_a_serial_type_has_its_integer(String serial, String integer) throws IOException {
        assertThat(RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-add_number"
                    author: support-db
                    comment: Add number
                    changes:
                      - addColumn:
                          tableName: tickets
                          columns:
                            - column: {name: number, type: %s, remarks: Its number}
                    rollback:
                      - refuse: {loses: tickets.number, rows: select * from tickets where number is not null}
                      - dropColumn: {tableName: tickets, columnName: number}
                """.formatted(serial)).findings()).filteredOn(finding -> finding.rule().equals("type-words"))
                .singleElement().satisfies(finding ->
                        assertThat(finding.instead()).contains("type: " + integer + ", autoIncrement: true"));
    }

    @Test
    void a_backfill_needs_the_table_in_which_it_says_how_far_it_is() throws IOException {
        String master = """
                # changelog/db.changelog-master.yaml
                databaseChangeLog:
                  - logicalFilePath: changelog/db.changelog-master.yaml
                  - include: {file: main/001_base.yaml, relativeToChangelogFile: true, labels: main}
                  - include: {file: crm/002_notes.yaml, relativeToChangelogFile: true, labels: crm}
                ---
                # changelog/main/001_base.yaml
                databaseChangeLog:
                  - logicalFilePath: changelog/main/001_base.yaml
                  - changeSet:
                      id: "001_base-01-create_backfills"
                      author: support-db
                      comment: Create backfills
                      changes:
                        - createTable:
                            tableName: backfills
                            remarks: How far each backfill is
                            columns: [column: {name: name, type: text, remarks: Of what}]
                      rollback:
                        - refuse: {loses: backfills, rows: select * from backfills}
                        - dropTable: {tableName: backfills}
                ---
                # changelog/crm/002_notes.yaml
                databaseChangeLog:
                  - logicalFilePath: changelog/crm/002_notes.yaml
                  - changeSet:
                      id: "002_notes-01-fill"
                      author: support-db
                      runInTransaction: false
                      comment: Fill
                      %s
                      changes:
                        - customChange: {class: dev.supportdb.domain.CustomerScoreBackfill}
                """;
        assertThat(RuleExample.of(project, master.formatted("")).findings())
                .extracting(Finding::rule).containsExactly("dependency");
        assertThat(RuleExample.of(project, master.formatted("preConditions: [changeSetExecuted: {author: support-db, "
                + "id: 001_base-01-create_backfills, changeLogFile: changelog/main/001_base.yaml}]")).findings())
                .isEmpty();
    }

    /** Misspells every key of the project's own files. */
    @Test
    void a_misspelt_key_is_found_wherever_it_stands() throws IOException {
        Set<String> tried = new HashSet<>();
        for (ChangelogFile source : ChangelogProject.read(OWN).sources()) {
            for (YamlElement item : source.items().toList()) {
                misspell(source, item, item.key(), tried);
            }
        }
        assertThat(tried).contains("changeSet/preConditions/not/changeSetExecuted/author",
                "changeSet/changes/createTable/columns/column/constraints/primaryKeyName", "include/labels",
                "changeSet/rollback/refuse/loses", "changeSet/changes/customChange/params/param/value");
    }

    private static void misspell(ChangelogFile source, YamlElement element, String path, Set<String> tried)
            throws IOException {
        // A key that occurs twice on a line is skipped, because a replacement could hit the wrong one.
        String line = source.lines().get(element.line() - 1);
        String wrong = line.replaceFirst("\\b" + element.key() + ":", element.key() + "x:");
        if (!wrong.equals(line) && tried.add(path)) {
            List<String> lines = new ArrayList<>(source.lines());
            lines.set(element.line() - 1, wrong);
            ChangelogFile misspelt = ChangelogFile.of(source.path(), String.join("\n", lines));
            ChangelogProject one = new ChangelogProject(OWN, List.of(misspelt), List.of(), List.of(), List.of());
            Set<Integer> found = new HashSet<>();
            Stream.concat(UnknownKeyRules.RULES.stream(), FileFormatRules.RULES.stream()).forEach(rule ->
                    rule.check().find(one, (where, at, message, instead) -> found.add(at.line())));
            assertThat(found).as(path).contains(element.line());
        }
        for (YamlElement child : element.children()) {
            misspell(source, child, path + "/" + child.key(), tried);
        }
    }

    @ParameterizedTest(name = "{0} in {2}: {1}")
    @CsvSource(delimiter = '|', value = {
        "dependency | crm/020_customer_preferences.yaml | changeSetExecuted: | changeSetExecuted: &x",
        "split | main/016_ticket_metrics.yaml | splitStatements: false | splitStatements: true",
        "not-null | main/016_ticket_metrics.yaml | validate constraint ck | drop constraint if exists ck",
        "lock-table | main/005_ticket_priority_enum.yaml | alter table tickets drop column | "
            + "lock table tickets; drop column",
        "dynamic-sql | main/005_ticket_priority_enum.yaml | alter table tickets drop column if exists subject_short | "
            + "do $x$ begin execute format('alter table tickets drop %I', 'subject_short'); end $x$",
        "number | db.changelog-master.yaml | main/016_ticket_metrics | main/020_ticket_metrics"})
    void a_mistake_in_them_is_found(String rule, String file, String right, String wrong) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("changelog"))) {
            for (Path one : files.toList()) {
                Files.copy(one, project.resolve(one));
            }
        }
        Path edited = project.resolve("changelog").resolve(file);
        if (rule.equals("dependency")) {
            Files.writeString(edited,
                    Files.readString(edited).replaceAll("(?s)      preConditions:.*?(?=      changes:)", ""));
        } else {
            Files.writeString(edited, Files.readString(edited).replace(right, wrong));
        }
        if (rule.equals("number")) {
            Files.move(project.resolve("changelog/main/016_ticket_metrics.yaml"),
                    project.resolve("changelog/main/020_ticket_metrics.yaml"));
        }

        assertThat(new Linter(project).findings()).extracting(Finding::rule).contains(rule);
    }

    @Test
    void the_labels_of_a_changeset_are_no_filter() throws IOException {
        assertThat(RuleExample.of(project, Files.readString(RuleExample.FOLDER.resolve("label/bad.yaml"))).findings())
                .extracting(Finding::message).containsExactly("'backfil' is neither a branch nor a phase.",
                        "'main and backfill' is neither a branch nor a phase.");
    }

    @Test
    void the_rollback_to_paste_asks_before_it_drops() throws IOException {
        assertThat(RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-add_language"
                    author: support-db
                    comment: Add language
                    changes:
                      - addColumn:
                          tableName: tickets
                          columns: [column: {name: language, type: varchar(10), remarks: ISO 639 code}]
                """).findings()).extracting(Finding::instead).singleElement().isEqualTo("""
                rollback:
                  - refuse: {loses: tickets.language, rows: select * from tickets where language is not null}
                  - dropColumn: {tableName: tickets, columnName: language}
                """);
    }

    @Test
    void the_old_name_of_a_filter_is_told_its_new_one() throws IOException {
        assertThat(RuleExample.of(project, UPDATE.formatted("- sql: update tags set color = 'red'")
                .replace("    changes:", "    context: demo\n    changes:")).findings())
                .filteredOn(finding -> finding.rule().equals("unknown-key")).singleElement().satisfies(finding -> {
                    assertThat(finding.message()).isEqualTo("Since 4.16 Liquibase calls 'context' contextFilter.");
                    assertThat(finding.instead()).isEqualTo("contextFilter: <value>");
                });
    }

    @Test
    void a_rollback_that_is_text_is_looked_at() throws IOException {
        assertThat(RuleExample.of(project, """
                - changeSet:
                    id: "002_ticket_language-02-add_language"
                    author: support-db
                    comment: Add language
                    changes:
                      - addColumn:
                          tableName: tickets
                          columns: [column: {name: language, type: varchar(10), remarks: ISO 639 code}]
                    rollback: update tickets set language = null; alter table tickets drop column language
                """).findings()).extracting(Finding::rule).containsExactly("loses", "data-change");
    }

    @ParameterizedTest
    @ValueSource(strings = {"@prod", "@dev or @eu", "not @staging", "@production and not @test"})
    void a_context_that_is_not_known_may_be_that_of_a_production(String context) throws IOException {
        assertThat(in(context)).contains("data-change");
    }

    @ParameterizedTest
    @ValueSource(strings = {"@dev", "@dev or @test", "@staging and @eu", "not @production and @test"})
    void elsewhere_rows_move_as_they_like(String context) throws IOException {
        assertThat(in(context)).doesNotContain("data-change");
    }

    private List<String> in(String context) throws IOException {
        String filter = "    contextFilter: \"%s\"\n    changes:".formatted(context);
        return RuleExample.of(project, UPDATE.formatted("# none").replace("    changes:", filter)).findings().stream()
                .map(Finding::rule).toList();
    }

    @Test
    void the_page_has_every_rule() throws IOException {
        assertThat(Files.readString(Path.of("docs/lint.md"))).contains(Linter.rules().entrySet().stream()
                .map(rule -> "| [`%1$s`](../src/test/resources/lint/%1$s) | %2$s |".formatted(
                        rule.getKey(), rule.getValue())).toList());
    }
}
