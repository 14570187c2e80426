package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.postgres.Sql;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.PackagedServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A deployment as it is typed: all that stands in the way is said, what was reviewed is what runs. */
final class DeployCommandTest {

    @TempDir
    private Path folder;

    private static PackagedServer server;
    private static int count;
    private DeployProject project;

    @BeforeAll
    static void start() throws Exception {
        assumeThat(PackagedServer.installed()).as("a packaged PostgreSQL with pg_dump is there").isPresent();
        server = PackagedServer.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void make() throws Exception {
        project = DeployProject.in(folder, server, "project_" + ++count);
    }

    @AfterEach
    void drop() throws Exception {
        server.drop(project.database());
    }

    @Test
    void runs_what_is_pending_behind_a_proven_backup_and_remembers_it() throws Exception {
        Process refused = project.start(Map.of(), "deploy");
        DeployProject.answer(refused, "no");
        assertThat(CommandRun.of(refused).output()).contains("(yes/no) Cancelled Nothing has been changed.");
        assertThat(refused.exitValue()).isZero();
        assertThat(project.history()).hasSize(2);
        assertThat(project.backups()).isEmpty();

        CommandRun run = project.run(Map.of(), "deploy", "--notify=cat >>told");

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).containsSubsequence("Preflight", "Plan", "expand   main/002_moves  2 changesets",
                "Backup", "the same", "Update", "4/4  003_days-02-create_days", "Verify", "After",
                "tag deployed_", "Done      4 changesets applied; backup backups/pre_migration_",
                "Log       logs/migration_", "Report    logs/migration_");
        assertThat(project.report("html")).contains("Deployed and verified.", "<!doctype html>",
                "2 changesets, 4 pending", "6 changesets, 0 pending", "backups/pre_migration_", "proof: full",
                "003_days-02-create_days", "deployed_");
        assertThat(project.report("md")).startsWith("## ✅ Deployed and verified.").contains("| preflight | ");
        assertThat(project.report("json")).contains("\"result\": \"done\"",
                "\"plan\": {\"hash\": \"", "\"wrong\": []");
        assertThat(project.history()).hasSize(6);
        assertThat(project.database().count("select count(*) from moves")).isZero();
        assertThat(project.backups()).hasSize(1);
        assertThat(project.log().lines()).allMatch(line -> line.startsWith("{\"at\": \"") && line.endsWith("}"))
                .anyMatch(line -> line.contains("\"event\": \"changeset\", ") && line.contains("002_moves-02"));
        assertThat(Files.readString(folder.resolve("told"))).contains("\"started\"", "\"done\"");
        assertThat(project.expect(0, "runs").output()).containsSubsequence("done", "4", "full", "backups/", "began");
        project.database().execute("delete from supportdb_runs; update supportdb_runs set result = ''");
        assertThat(project.database().texts("select result from supportdb_runs order by 1"))
                .containsExactly("began", "done");

        CommandRun again = project.expect(0, "deploy");
        assertThat(again.output()).contains("up to date, nothing to run");
        assertThat(project.expect(0, "current", "--check").output()).doesNotContain("supportdb_runs");
        assertThat(project.database().texts("select tag from databasechangelog order by orderexecuted").get(5))
                .matches("deployed_\\d{8}_\\d{6}");
        project.expect(0, "downgrade", "-1");
        project.expect(0, "rollback");
        assertThat(project.expect(0, "runs").output()).containsSubsequence("undone", "undone", "done", "began");
        assertThat(run.output() + again.output()).doesNotContain(DeployProject.PASSWORD);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .as(file.toString()).doesNotContain(DeployProject.PASSWORD);
            }
        }
    }

    @Test
    void says_all_that_stands_in_the_way_at_once_and_changes_nothing() throws Exception {
        project.database().execute("""
                create role guest_%1$s;
                grant create on schema public to guest_%1$s;
                """.formatted(project.database().name()));
        try (Connection other = project.database().connect()) {
            other.setAutoCommit(false);
            Sql.execute(other, "insert into crates values (0)");
            Sql.execute(other, "prepare transaction 'left behind'");
        }
        try (Connection migrating = project.database().connect()) {
            Sql.isTrue(migrating, "select pg_try_advisory_lock(7562338, %d)".formatted(
                    "public.databasechangelog".hashCode() & Integer.MAX_VALUE));

            CommandRun run = CommandRun.of(project.start(Map.of("PG_BIN", folder.toString()), "deploy"));

            assertThat(run.exitCode()).as(run.output()).isEqualTo(1);
            assertThat(run.output()).contains("The prepared transaction left behind",
                    "rollback prepared 'left behind';", "guest_" + project.database().name(),
                    "pg_dump and pg_restore of PostgreSQL", "Refused   Nothing has been changed.");
        } finally {
            project.database().execute("rollback prepared 'left behind'");
            project.database().execute("drop owned by guest_%1$s; drop role guest_%1$s"
                    .formatted(project.database().name()));
        }
        assertThat(project.history()).hasSize(2);
        assertThat(project.backups()).isEmpty();
        assertThat(project.deploy().output()).contains("Done      4 changesets applied");
    }

    @Test
    void exactly_the_reviewed_plan_runs() throws Exception {
        Path days = folder.resolve("changelog/main/003_days.yaml");
        Files.writeString(days, Files.readString(days).replace("create table days (id int)",
                "create table days (id int); comment on table days is '0123456789'"));
        Process planning = project.start(Map.of(), "deploy", "--skip-review");
        DeployProject.answer(planning, "no");
        planning.waitFor();
        String plan = project.plan();
        assertThat(project.report("md")).contains("./supportdb deploy --skip-review --plan=" + plan);
        Path file = folder.resolve("plans").resolve(plan + ".sql");
        String text = Files.readString(file);
        assertThat(text).contains("-- run changelog/main/002_moves.yaml::002_moves-02-create_moves::test ",
                "create table moves (id int)", "'0123456789'", "'deployment'");
        Files.writeString(file, text.replace("create table moves", "create table movez"));
        assertThat(project.run(Map.of(), "deploy", "--plan=" + plan).output()).contains("has been changed since");
        Files.writeString(file, text);
        assertThat(project.run(Map.of(), "deploy", "--plan=" + plan, "--labels=@main").output())
                .contains("does not fit: it was made for 'labels '");
        project.database().execute("""
                insert into databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype)
                values ('foreign', 'somebody', 'main/elsewhere.yaml', now(), 99, 'EXECUTED')""");
        assertThat(project.run(Map.of(), "deploy", "--plan=" + plan).exitCode()).isEqualTo(1);
        project.database().execute("delete from databasechangelog where id = 'foreign'");
        // The same plan gets the same hash.
        Process once = project.start(Map.of(), "deploy", "--skip-review");
        DeployProject.answer(once, "no");
        assertThat(CommandRun.of(once).output()).contains("not tried on a scratch database, because of --skip-review");
        assertThat(project.plan()).isEqualTo(plan);
        assertThat(project.history()).hasSize(2);
        assertThat(project.backups()).isEmpty();

        // As if a run of the plan had stopped after its first changesets.
        project.expect(0, "upgrade", "002");
        CommandRun run = CommandRun.of(project.start(Map.of(), "deploy", "--backup-with=none", "--plan=" + plan));
        assertThat(run.output()).contains("Plan      2 changesets").doesNotContain("yes/no");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(project.history()).hasSize(6);
    }

    @Test
    void a_failed_update_stops_or_goes_back_to_where_it_began() throws Exception {
        project.database().execute("create table days (day date)");
        Snapshot before = project.database().snapshot();
        CommandRun tried = project.run(Map.of(), "deploy", "--backup-with=none");
        assertThat(tried.output()).contains("error   The trial on a scratch database failed: ",
                "relation \"days\" already exists", "Refused   Nothing has been changed.");
        assertThat(tried.exitCode()).isEqualTo(1);
        CommandRun back = project.deploy("--on-failure=rollback");
        assertThat(back.output()).contains("relation \"days\" already exists",
                "3 of 4 changesets are applied. An old application works with all of them.",
                "the schema is the same as before");
        assertThat(back.exitCode()).isEqualTo(4);
        assertThat(project.report("json")).contains("\"result\": \"rolled back\"", "refused it with the code 42P07",
                "\"before\": {\"when\": \"before\", \"changesets\": 2").doesNotContain("already exists");
        assertThat(project.database().snapshot().differenceTo(before)).isEmpty();

        CommandRun run = project.deploy();
        assertThat(run.output()).contains("3 of 4 changesets are applied");
        assertThat(run.exitCode()).isEqualTo(4);
        project.database().execute("drop table days");
        assertThat(project.deploy().output()).contains("Done      1 changeset applied");
        assertThat(project.expect(0, "runs").output()).containsSubsequence("done", "failed", "rolled back");
    }

    /** The log stays on the machine; a message, a report and the record go to others. */
    @Test
    void a_value_that_the_server_quotes_is_in_the_log_and_goes_nowhere_else() throws Exception {
        project.database().execute("alter table crates add column note text; update crates set note = 'canary'");
        Path days = folder.resolve("changelog/main/003_days.yaml");
        String changelog = Files.readString(days);
        Files.writeString(days, changelog.replace("create table days (id int)",
                "create table days as select note::int as id from crates"));

        CommandRun run = project.deploy("--notify=cat >>told");
        assertThat(run.exitCode()).as(run.output()).isEqualTo(4);
        project.deploy("--notify=cat >>told", "--on-failure=rollback");
        Files.writeString(days, changelog);
        Files.writeString(folder.resolve("contexts/smoke.sql"), "select note::int from crates;");
        assertThat(project.deploy("--notify=cat >>told").exitCode()).isEqualTo(5);

        assertThat(project.log()).contains("invalid input syntax for type integer: \\\"canary\\\"");
        assertThat(Files.readString(folder.resolve("told"))).contains("\"failed\"", "the code 22P02")
                .doesNotContain("canary");
        assertThat(project.expect(0, "runs", "--json").output()).contains("\"failed\"", "\"rolled back\"",
                "\"not verified\"", "the code 22P02").doesNotContain("canary");
        for (String format : List.of("html", "md", "json")) {
            assertThat(project.report(format)).contains("verified").doesNotContain("canary");
        }
    }

    @Test
    void an_update_that_takes_too_long_is_stopped_and_the_same_command_resumes() throws Exception {
        Path days = folder.resolve("changelog/main/003_days.yaml");
        Files.writeString(days, Files.readString(days).replace("create table days (id int)",
                "create table days as select 1 as id from pg_sleep((select count(*) from crates where id = 0) * 60)"));
        project.database().execute("insert into crates values (0)");

        CommandRun run = project.deploy("--timeout=1");
        assertThat(run.output()).contains("It took longer than 1 s, the --timeout, and was stopped.", "3 of 4");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(project.report("md")).startsWith("## ❌ Failed in the step update.").contains(
                "It took longer than 1 s", "The same command runs what is left.", "5 changesets, 1 pending");

        project.database().execute("delete from crates where id = 0");
        assertThat(project.deploy().output()).contains("Done      1 changeset applied");
    }

    @Test
    void runs_as_far_as_it_is_told_and_no_further() throws Exception {
        assertThat(project.deploy("--to=004").exitCode()).isEqualTo(2);
        assertThat(project.deploy("--to=002", "--plan=1f2e3d4c5b6a7988").exitCode()).isEqualTo(2);

        CommandRun run = project.deploy("--to=+1");

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).contains("Plan      2 changesets", "Done      2 changesets applied");
        assertThat(project.history()).hasSize(4).last().isEqualTo("002_moves-02-create_moves");
        assertThat(project.deploy("--to=002").output())
                .contains("nothing to run up to main/002_moves; pending besides: 2 changesets");
        assertThat(project.report("md")).startsWith("## ✅ Nothing to run of what was asked for.")
                .contains("Pending besides: 2 changesets.");
    }

    @Test
    void the_phase_contract_waits_for_an_old_application() throws Exception {
        Path days = folder.resolve("changelog/main/003_days.yaml");
        Files.writeString(days, Files.readString(days) + """
                  - changeSet:
                      id: "003_days-03-require_at"
                      author: test
                      labels: contract
                      comment: Require crates.at
                      changes:
                        - sql: alter table crates alter column at set default now()
                      rollback:
                        - sql: alter table crates alter column at drop default
                """);
        assertThat(project.deploy("--phase=expand").output()).contains("Done      4 changesets applied");
        project.database().execute("""
                create table old_shapes (feature text, table_name text, column_name text, old_write text,
                    since timestamptz default now());
                create table old_shape_writes (feature text, application_name text, username text, seen_at timestamptz);
                insert into old_shapes values ('003_days', 'crates', 'at', 'one without at');
                insert into old_shape_writes values ('003_days', 'desk 1.0', 'app', now());
                """);

        CommandRun refused = project.deploy("--phase=contract");
        assertThat(refused.output()).contains("error   An old application may still write crates.at (one without at): "
                + "desk 1.0 (user app) at ", "Refused   Nothing has been changed.");
        assertThat(refused.exitCode()).isEqualTo(1);
        CommandRun run = project.deploy("--phase=contract", "--quiet-for=0");
        assertThat(run.output()).contains("Done      1 changeset applied");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void a_failed_verification_needs_a_person() throws Exception {
        Files.writeString(folder.resolve("contexts/smoke.sql"), "insert into moves (id) values ('x');");
        Path days = folder.resolve("changelog/main/003_days.yaml");
        // "if not exists" takes the invalid index of a failed build for a good one.
        Files.writeString(days, Files.readString(days)
                .replace("create table days (id int)",
                        "create table days (id int); create index if not exists ix_crates on crates (id)")
                .replace("drop table days", "drop table days; drop index ix_crates"));
        project.database().execute("""
                create index ix_crates on crates (id);
                create index ix_others on crates ((id + 1));
                alter table crates add constraint ck_others check (id >= 0) not valid;
                update pg_index set indisvalid = false
                where indexrelid in ('ix_crates'::regclass, 'ix_others'::regclass);
                """);

        CommandRun run = project.deploy("--labels=main");

        assertThat(run.output()).contains("warning The index public.ix_others is invalid",
                "index public.ix_crates is invalid: its build failed. Details: ./supportdb check --labels=main\n",
                "The smoke test failed: ERROR: invalid input syntax",
                "All changesets are applied. Nothing has been undone.");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(project.report("md")).startsWith("## ❌ All of it is applied, and not verified.")
                .contains("The smoke test failed; the server's message is in the log").doesNotContain("invalid input");

        Files.writeString(folder.resolve("contexts/smoke.sql"), "-- critical tables: crates, pallets\n");
        assertThat(project.deploy().output()).contains("The critical table pallets does not exist");
    }

    @Test
    void old_backups_of_the_database_go_and_the_last_that_was_restored_stays() throws Exception {
        String properties = project.database().texts("""
                select format(E'database=%s\\nserver=%s:%s\\nmajor=%s\\n', current_database(), host(inet_server_addr()),
                    current_setting('port'), current_setting('server_version_num')::int / 10000)
                """).get(0);
        List<String> old = oldBackups("202001%d", properties);
        List<String> others = oldBackups("202002%d", properties.replace("database=", "database=another_"));
        project.deploy("--to=002");
        assertThat(project.backups()).as("a deployment without a backup deletes none").hasSize(24);

        project.expect(0, "deploy", "--skip-review", "--verify-backup=list");

        assertThat(project.backups()).hasSize(11 + 12).contains(old.get(0), old.get(11)).doesNotContain(old.get(1))
                .containsAll(others);
    }

    /** Makes twelve backups of a database, of which the oldest was restored. */
    private List<String> oldBackups(String day, String properties) throws IOException {
        List<String> names = IntStream.range(10, 22)
                .mapToObj(n -> "pre_migration_%s_000000".formatted(day.formatted(n))).toList();
        for (String name : names) {
            Path backup = Files.createDirectories(folder.resolve("backups").resolve(name));
            Files.writeString(backup.resolve("backup.properties"),
                    properties + "proof=" + (name.equals(names.get(0)) ? "full" : "list"));
        }
        return names;
    }
}
