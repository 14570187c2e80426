package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReviewCommandTest {

    /** A schema as pg_dump writes it, with parts that another server may lack. */
    private static final String SCHEMA = """
            --
            -- PostgreSQL database dump
            --
            \\restrict key
            SET transaction_timeout = 0;
            SELECT pg_catalog.set_config('search_path', '', false);
            CREATE SCHEMA public;
            ALTER SCHEMA public OWNER TO pg_database_owner;
            CREATE TABLE public.alembic_version (version_num character varying(32) NOT NULL);
            CREATE TABLE public.accounts (
                id integer NOT NULL,
                plan text DEFAULT 'free;'::text
            );
            ALTER TABLE ONLY public.accounts ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);
            CREATE TABLE public.orders (id bigint NOT NULL PRIMARY KEY, account_id integer, note text);
            CREATE EXTENSION IF NOT EXISTS no_such_extension WITH SCHEMA public;
            GRANT SELECT ON TABLE public.orders TO nobody_here;
            \\unrestrict key
            """;

    private static final String BAD = """
            BEGIN;

            -- Running upgrade a1 -> b2

            ALTER TABLE orders ADD FOREIGN KEY (account_id) REFERENCES accounts (id);

            UPDATE alembic_version SET version_num='b2' WHERE alembic_version.version_num = 'a1';

            COMMIT;

            create index ix_orders_note on orders (note);
            """;

    private static final String SAFE = """
            alter table orders add constraint fk foreign key (account_id) references accounts (id) not valid;
            alter table orders validate constraint fk;
            create index concurrently ix_orders_note on orders (note);
            -- trace: allow loses: nothing reads it since release 7
            alter table accounts drop column plan;
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --rows=0              | at least one
            --max-lock=0          | at least one
            001:002:003           | A range is FROM:TO
            008:016 --to=016      | give a range or --to, not both
            --sql=x.sql 008:016   | it takes no names
            --sql=no_such.sql     | There is no file no_such.sql
            --schema=schema.sql   | give that as well
            --sizes=no_such.csv   | There is no file no_such.csv. To create it:
            --sql=- --schema=pom.xml --sizes=target | with --sql, name a file
            --sql=- --sizes=a.csv | give their --schema as well
            --sql=- --schema=no_such.sql | pg_dump --schema-only --no-owner --file=no_such.sql
            """)
    void refuses_before_it_connects_what_it_cannot_review(String options, String why) {
        String[] typed = ("review " + options).split(" ");
        CommandRun run = CommandRun.offline(typed);

        assertThat(run.output()).contains(why);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void what_is_pending_up_to_a_name_makes_a_pack_and_the_target_is_left_alone() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("003_performance_indexes").withTickets(20))) {
            Snapshot before = database.snapshot();

            CommandRun run = CommandRun.on(database, "review", "--rows=1500", "--to=003", "--out=" + folder);

            assertThat(run.output()).contains("Verdict   Nothing to decide: all 6 changesets stop nobody for long",
                    "Pack      " + folder.resolve("index.html"));
            assertThat(run.exitCode()).isZero();
            assertThat(Files.readString(folder.resolve("index.html")))
                    .contains("create index concurrently ix_tickets_priority_status",
                            "./supportdb review --rows=1500 --to=003 --out=" + folder, "Rollback proven")
                    .doesNotContain("004_satisfaction_surveys", database.password());
            assertThat(database.snapshot()).isEqualTo(before);
            assertThat(database.count("select count(*) from pg_database where datname like 'trace%'")).isZero();
        }
    }

    /** The one of an earlier run would be taken for that of this one. */
    @Test
    void where_nothing_is_pending_the_pack_says_so() throws Exception {
        Files.writeString(folder.resolve("review.md"), "of yesterday");
        try (TestDatabase database = Databases.empty()) {
            CommandRun run = CommandRun.on(database, "review", "003:003", "--out=" + folder, "--max-lock=700",
                    "--scratch-url=" + CommandRun.url(database), "--env=test");

            assertThat(run.output()).contains("Verdict   Nothing to review: no changeset is pending.");
            assertThat(run.exitCode()).isZero();
        }
        assertThat(Files.readString(folder.resolve("review.md")))
                .isEqualTo("## ✅ Nothing to review: no changeset is pending.\n\nReview of 003 to 003.\n");
        assertThat(Files.readString(folder.resolve("index.html"))).contains("no changeset is pending", "</html>")
                .doesNotContain("Timeline", "null");
        assertThat(Files.readString(folder.resolve("review.json"))).contains("\"rollbackProven\": null",
                "\"command\": \"./supportdb review 003:003 --max-lock=700 --out=%s --env=test\"".formatted(folder));
    }

    /** A review of what comes after it would be one of what never runs. */
    @Test
    void where_a_changeset_was_edited_that_has_run_the_pack_says_so() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("003_performance_indexes"))) {
            database.execute("update databasechangelog set md5sum = '9:00000000000000000000000000000000' "
                    + "where id like '002%add_sla%'");

            CommandRun run = CommandRun.on(database, "review", "--out=" + folder);

            assertThat(run.output()).contains("Verdict   An update is refused, so nothing was measured.");
            assertThat(run.exitCode()).isEqualTo(2);
        }
        assertThat(Files.readString(folder.resolve("review.md"))).startsWith("## ❌ An update is refused")
                .contains("### Failed\n\n```\nThese have run there, and were edited", "002_sla_fields-02");
        assertThat(Files.readString(folder.resolve("index.html"))).contains("Restore their text", "</html>")
                .doesNotContain("Timeline");
    }

    @Test
    void sql_of_another_tool_is_measured_on_the_schema_of_a_dump() throws Exception {
        CommandRun run = onSchema(BAD);

        assertThat(run.output()).contains("Verdict   2 of 2 steps need a decision: 2 blocking.");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(Files.readString(folder.resolve("review.md")))
                .contains("accounts and orders in SHARE ROW EXCLUSIVE mode while", "orders in SHARE mode while",
                        "Running upgrade a1 -&gt; b2", "Begin it with: set lock\\_timeout",
                        "of which the server refused CREATE EXTENSION IF NOT EXISTS",
                        "```sql\n-- outside a transaction: each commits by itself\n", "not valid;\n",
                        "create index concurrently ix_orders_note ON public.orders (note);\n")
                .doesNotContain("nobody\\_here", "databasechangelog", "runInTransaction", "yaml");
    }

    @Test
    void the_safe_form_of_the_sql_has_nothing_to_decide() throws Exception {
        Path sizes = Files.writeString(folder.resolve("sizes.csv"), "name,rows\npublic.orders,30000000\n");

        CommandRun run = onSchema(SAFE, "--sizes=" + sizes);

        assertThat(run.output()).contains("Verdict   Nothing to decide: all 4 steps stop nobody for long and lose nothing.");
        assertThat(run.exitCode()).isZero();
        assertThat(Files.readString(folder.resolve("review.md")))
                .containsPattern("Expected there \\| \\*\\*.* to .*\\*\\*")
                .contains("for those of the target, up to 30,000,000, by ");
        assertThat(Files.readString(folder.resolve("index.html")))
                .contains("Because: nothing reads it since release 7");
    }

    @Test
    void sql_that_fails_is_told_and_the_rest_is_not_judged() throws Exception {
        CommandRun run = onSchema("alter table orders add column x integer;\nalter table no_such add column y integer;");

        assertThat(run.output()).contains("1 step ran, and then one failed");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(Files.readString(folder.resolve("review.md"))).contains("relation \"no_such\" does not exist");
    }

    private CommandRun onSchema(String sql, String... options) throws Exception {
        Path schema = Files.writeString(folder.resolve("schema.sql"), SCHEMA);
        InputStream in = System.in;
        System.setIn(new ByteArrayInputStream(sql.getBytes(StandardCharsets.UTF_8)));
        try (TestDatabase database = Databases.empty()) {
            CommandRun run = CommandRun.on(database, Stream.concat(Stream.of("review", "--sql=-", "--schema=" + schema,
                    "--rows=3000", "--out=" + folder), Stream.of(options)).toArray(String[]::new));
            assertThat(database.count("select count(*) from pg_class where oid >= 16384")).isZero();
            return run;
        } finally {
            System.setIn(in);
        }
    }
}
