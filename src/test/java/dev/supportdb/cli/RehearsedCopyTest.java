package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Canaries;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.PackagedServer;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.SampleData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rehearsal on a copy of a database of the project's own, with a value to be known again in every column. */
final class RehearsedCopyTest {

    private static final String EMPTY = """
            select c.relname from pg_class c join pg_namespace s on s.oid = c.relnamespace
            where c.relkind = 'r' and s.nspname = 'public'
                and c.relname not in ('databasechangeloglock', 'backfill_ranges')
                and query_to_xml('select from ' || c.oid::regclass || ' limit 1', false, true, '')::text = ''
            """;

    @Test
    void no_value_of_any_table_is_told_and_the_database_stays_as_it_is(@TempDir Path folder) throws Exception {
        assumeThat(PackagedServer.installed()).as("a packaged PostgreSQL with pg_dump is there").isPresent();
        try (PackagedServer server = PackagedServer.start()) {
            TestDatabase production = server.create("production");
            Databases.migrate(production, MigrationState.before("028_customer_score").withTickets(20));
            production.fill(SampleData.DEMO);
            production.execute("""
                    insert into tags (id, name, color, created_at) values (1, '', '', now());
                    insert into ticket_tags (id, ticket_id, tag_id, created_at) values (1, 1, 1, now());
                    insert into reports (id, name, report_type, created_by, created_at) values (1, '', '', 1, now());
                    insert into scheduled_reports (id, report_id, schedule_cron, recipients, is_active, created_at)
                        values (1, 1, '', '[]', true, now());
                    insert into knowledge_base_articles
                        (id, title, slug, body, author_id, status, created_at, updated_at)
                        values (1, '', '', '', 1, 'draft', now(), now());
                    insert into old_shape_writes (feature, application_name, username, seen_at)
                        values ('', '', '', now());
                    insert into ticket_priority_originals (ticket_id, priority) values (1, '');
                    insert into ticket_response_times_originals (ticket_id) values (1);
                    insert into ticket_status_changes (ticket_id, new_status, changed_at) values (1, '', now());
                    """);
            assertThat(production.texts(EMPTY)).isEmpty();
            assertThat(Canaries.plant(production)).allSatisfy(refused -> assertThat(refused).containsPattern(
                    "violates check constraint|no place in a column of type (bool|\\w+_enum)\n"));
            assertThat(production.text("select string_agg(t::text, '') from tickets t")).contains("canary7f3a");
            Snapshot before = production.snapshot();

            Path dump = folder.resolve("production.dump");
            Process program = new ProcessBuilder(server.programs().resolve("pg_dump").toString(), "--format=custom",
                    "--file=" + dump, "--dbname=" + CommandRun.url(production)).start();
            assertThat(program.waitFor()).isZero();

            CommandRun run = CommandRun.on(server.any(), "rehearse", "--labels=!vector", "--dump=" + dump,
                    "--out=" + folder);

            assertThat(run.output()).contains("Verdict   ").doesNotContain(Canaries.ALL);
            for (String file : List.of("index.html", "review.md", "review.json")) {
                assertThat(Files.readString(folder.resolve(file))).contains("028_customer_score-05-fill_computed_score")
                        .doesNotContain(Canaries.ALL);
            }
            assertThat(production.snapshot()).isEqualTo(before);
        }
    }
}
