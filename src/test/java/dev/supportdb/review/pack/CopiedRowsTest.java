package dev.supportdb.review.pack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.Json;
import dev.supportdb.review.DatabaseCopy;
import dev.supportdb.review.Judgement;
import dev.supportdb.review.StartingState;
import dev.supportdb.review.Trace;
import dev.supportdb.review.Tracer;
import dev.supportdb.run.OfflineSql;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

/** Tests that on a copy of a database in use, no value of its rows reaches a page, whatever goes wrong. */
@TestInstance(Lifecycle.PER_CLASS)
final class CopiedRowsTest {

    /** One canary for each column except the key. */
    private static final List<String> CANARIES = List.of("canary-name", "canary-mail", "1907-07-17", "77700077",
            "deadbeef-0000-4000-8000-00000000cafe", "canary-json", "10.77.77.77", "63616e617279", "canary-array");

    /**
     * All ways in which a value gets into a message: a duplicate key, a cast, a row that differs, SQL built from rows,
     * a comment made from one, a check that fails.
     */
    private static final String CHANGELOG = """
            databaseChangeLog:
              - logicalFilePath: copy.yaml
              - changeSet:
                  id: 1-lossy_rollback
                  author: test
                  changes:
                    - sql: update people set name = name || ' changed', mail = upper(mail)
                  rollback: []
              - changeSet:
                  id: 2-unsafe_to_run_again
                  author: test
                  runInTransaction: false
                  changes:
                    - sql: create unique index if not exists one_name on people (id, name)
                    - sql: insert into people (id, name) select 4000 + count(*), 'new' from people
                  rollback:
                    - sql: delete from people where name = 'new'
                    - sql: drop index if exists one_name
              - changeSet:
                  id: 3-comment_of_a_value
                  author: test
                  changes:
                    - sql:
                        splitStatements: false
                        sql: do $$ begin execute format('comment on table people is %L', (select min(name) from people)); end $$
                  rollback: []
              - changeSet:
                  id: 4-blocking_by_sql_of_values
                  author: test
                  changes:
                    - customChange: {class: dev.supportdb.review.pack.UpdateOfValues}
                  rollback: []
              - changeSet:
                  id: 5-rollback_fails_at_a_value
                  author: test
                  changes:
                    - sql: alter table people add column note text
                  rollback:
                    - sql: select mail::integer from people
              - changeSet:
                  id: 6-fails_at_a_value
                  author: test
                  changes:
                    - sql: create unique index one_mail on people (mail)
                  rollback: []
            """;

    @TempDir
    private static Path folder;
    private TestDatabase server;
    private Path dump;

    @BeforeAll
    void dump() throws Exception {
        Files.writeString(folder.resolve("copy.yaml"), CHANGELOG);
        server = Databases.empty();
        String table = "create table people (id integer primary key, name text, mail text, born date, amount bigint, "
                + "code uuid, data jsonb, address inet, picture bytea, words text[]);\n";
        StringWriter rows = new StringWriter();
        try (Connection connection = server.connect()) {
            server.execute(table);
            server.execute("""
                    insert into people select n, 'canary-name', 'canary-mail', '1907-07-17', 77700077,
                        'deadbeef-0000-4000-8000-00000000cafe', '{"k": "canary-json"}', '10.77.77.77', 'canary',
                        '{canary-array}' from generate_series(1, 3000) n
                    """);
            connection.unwrap(PGConnection.class).getCopyAPI().copyOut("copy people to stdout", rows);
        }
        dump = Files.writeString(folder.resolve("prod.sql"), "\\restrict key\nselect pg_catalog.set_config("
                + "'search_path', '', false);\n" + table.replace("table people", "table public.people")
                + "copy public.people from stdin;\n" + rows + "\\.\n\n\\unrestrict key\n");
    }

    @AfterAll
    void drop() throws Exception {
        server.close();
    }

    private Review review(StartingState start) throws Exception {
        TargetDatabase target = new TargetDatabase(server.url(), server.username(), server.password(), "copy.yaml",
                "test", null, Map.of());
        Changelog changelog = Changelog.read(folder, "copy.yaml", Map.of());
        List<ChangeSet> all = changelog.features().get(0).changeSets();
        Trace trace = new Tracer(target, folder, 1, Duration.ofSeconds(20), line -> { })
                .run(start, scratch -> all, false);
        OfflineSql offline = new OfflineSql(target, folder, changelog, new DefaultChangeExecListener());
        return new Review("a copy", "./supportdb rehearse", (command, words) -> "./supportdb " + command,
                Review.Rows.COPIED, true, null, trace, changelog, ChangesetSql.of(offline, List.of(), all));
    }

    private static List<String> files(Review review) {
        ReviewPage page = new ReviewPage(review, ZonedDateTime.parse("2026-11-30T12:00:00Z"));
        return List.of(new ReviewPack(review).html(), ReviewComment.of(page), Json.of(ReviewJson.of(page)));
    }

    @Test
    void no_value_of_a_copied_row_is_told() throws Exception {
        DatabaseCopy copy = new DatabaseCopy(dump, null);

        Review review = review(copy);

        assertThat(review.trace().basis()).isEqualTo("a copy of prod.sql with all of its rows");
        assertThat(review.trace().failure()).startsWith("copy.yaml::6-fails_at_a_value::test: ")
                .contains("the code 23505 for the constraint one_mail on the table people");
        assertThat(review.trace().changesets()).hasSize(5).extracting(one -> one.judgement()).contains(
                Judgement.NOT_PROVEN_BACK, Judgement.BLOCKING);
        assertThat(files(review)).allSatisfy(file -> assertThat(file)
                .contains("wrote 3,000 of 3,000 rows of people", "table public.people")
                .doesNotContainIgnoringCase(CANARIES.toArray(String[]::new)));
    }

    /** Otherwise there would be something to hide, and the test above would find nothing. */
    @Test
    void without_the_redaction_values_would_be_shown() throws Exception {
        DatabaseCopy copy = new DatabaseCopy(dump, null);

        Review review = review((scratch, connection, rows) -> copy.make(scratch, connection, rows));

        String all = String.join("\n", files(review)).toLowerCase(Locale.ROOT);
        assertThat(Stream.of("canary-mail", "canary-name").filter(all::contains)).hasSize(2);
    }
}
