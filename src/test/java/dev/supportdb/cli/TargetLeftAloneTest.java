package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Canaries;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.ServerPlace;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that nothing is written to a target whose changesets are measured, and that none of its rows is read. The
 * target has its own server, on which every transaction that writes is one of the target.
 */
final class TargetLeftAloneTest {

    private static EmbeddedPostgres server;
    private static TestDatabase target;
    private static TestDatabase scratch;

    @BeforeAll
    static void plant() throws Exception {
        server = ServerPlace.find().server("fsync=off", "autovacuum=off");
        server.start();
        target = ServerPlace.withCheapLogins(server);
        Databases.migrate(target, MigrationState.before("003_performance_indexes").withTickets(20));
        target.execute("""
                create table canaries (id integer primary key, "Song" text, wings bytea, seed jsonb, born date, weight
                    numeric(12, 2), code uuid, address inet, names text[]);
                insert into canaries values (1, '', '', '{}', 'today', 0, gen_random_uuid(), '::1', '{}')
                """);
        assertThat(Canaries.plant(target)).allSatisfy(refused ->
                assertThat(refused).containsPattern("violates check constraint|no place in a column of type bool"));
        // Each column of the table of all types has its canary.
        assertThat(target.text("select c::text from canaries c")).contains("canary7f3a", "7707707", "1907-07-1",
                "deadbeef-0000-4000-8000", "10.77.77.77", "63616e61727937663361");
        target.execute("analyze");
        scratch = Databases.empty();
    }

    @AfterAll
    static void stop() throws Exception {
        scratch.close();
        target.letGo();
        server.reset();
    }

    /**
     * Everything in the target, including the records of Liquibase and the engine, and the number of transactions that
     * have written.
     */
    private record Found(Snapshot snapshot, List<String> history, List<String> backfills, List<String> sequences,
            long transactions) {

        static Found now() throws Exception {
            return new Found(target.snapshot(),
                    target.texts("select h::text from databasechangelog h order by 1"),
                    target.texts("select b::text from backfills b order by 1"),
                    target.texts("select sequencename || ' ' || coalesce(last_value, 0) from pg_sequences order by 1"),
                    target.count("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"));
        }
    }

    private static CommandRun run(String... arguments) {
        return CommandRun.on(target, arguments);
    }

    @Test
    void a_trace_with_a_forecast_writes_nothing() throws Exception {
        Found before = Found.now();

        CommandRun run = run("trace", "--rows=300", "--labels=reporting", "--sizes=target",
                "--json", "--scratch-url=" + CommandRun.url(scratch));

        assertThat(run.output()).contains("009_reports-02-",
                "by its statistics").doesNotContain(Canaries.ALL);
        assertThat(run.exitCode()).isLessThan(2);
        assertThat(Found.now()).isEqualTo(before);
    }

    @Test
    void a_review_writes_nothing_and_tells_no_value(@TempDir Path folder) throws Exception {
        Found before = Found.now();

        CommandRun run = run("review", "--rows=300", "--labels=reporting", "--sizes=target", "--out=" + folder,
                "--scratch-url=" + CommandRun.url(scratch));

        assertThat(run.output()).contains("Verdict   ").doesNotContain(Canaries.ALL);
        assertThat(run.exitCode()).isLessThan(2);
        for (String file : List.of("index.html", "review.md", "review.json")) {
            assertThat(Files.readString(folder.resolve(file))).contains("canaries", "009_reports-02-create_reports")
                    .doesNotContain(Canaries.ALL);
        }
        assertThat(Found.now()).isEqualTo(before);
    }

    @Test
    void a_rehearsal_writes_nothing() throws Exception {
        Found before = Found.now();

        CommandRun run = run("rehearse", "--rows=20", "--scratch-url=" + CommandRun.url(scratch));

        assertThat(run.output()).contains("rehearsal passed").doesNotContain(Canaries.ALL);
        assertThat(Found.now()).isEqualTo(before);
    }

    /** The negative control: even a row that comes and goes is noticed. */
    @Test
    void a_write_is_noticed() throws Exception {
        Found before = Found.now();

        target.execute("begin; insert into canaries values (2); rollback");

        assertThat(Found.now()).isNotEqualTo(before);
        assertThat(Found.now().snapshot()).isEqualTo(before.snapshot());
    }
}
