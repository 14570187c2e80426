package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.postgres.Sql;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that is broken, ahead, of another kind or unreachable is one row, and does not end the command. */
final class FleetCommandTest {

    /** A changeset that takes as long as somebody of that name is connected to its database. */
    private static final String SLOW = """
            do $$ begin
              while exists (select from pg_stat_activity
                            where application_name = 'keeper' and datname = current_database()) loop
                perform pg_sleep(0.05), pg_stat_clear_snapshot();
              end loop;
            end $$
            """;

    private static final String SLEEPS = "exists (select from pg_stat_activity where query like '%pg_sleep%' "
            + "and state = 'active' and pid <> pg_backend_pid() and datname = current_database())";

    @TempDir
    private Path folder;

    private final List<TestDatabase> databases = new ArrayList<>();
    private final List<Connection> keepers = new ArrayList<>();

    @AfterEach
    void drop() throws SQLException {
        for (TestDatabase database : databases) {
            database.close();
        }
    }

    private TestDatabase add(FleetTrial fleet, String name, TestDatabase database) throws IOException {
        databases.add(database);
        fleet.target(name, database);
        return database;
    }

    private void keep(TestDatabase database) throws SQLException {
        Connection keeper = database.connect();
        Sql.execute(keeper, "set application_name = 'keeper'");
        keepers.add(keeper);
    }

    @AfterEach
    void letGo() throws SQLException {
        for (Connection keeper : keepers) {
            keeper.close();
        }
    }

    private String password() {
        return databases.get(0).password();
    }

    private static void interrupt(Process process) throws Exception {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    @Test
    void no_other_is_begun_when_the_canary_fails() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, "select 1", "create table two (id int)");
        add(fleet, "a", Databases.empty()).execute("create table two (id text)");
        TestDatabase other = add(fleet, "b", Databases.empty());

        CommandRun update = fleet.run(password(), "update", "--json", "--parallel=9");

        assertThat(update.output()).contains("\"target\": \"a\", \"state\": \"failed\", \"version\": \"main/001\", \"pending\": 1",
                "\"target\": \"b\", \"state\": \"not begun\"");
        assertThat(update.exitCode()).isEqualTo(4);
        assertThat(other.count("select count(*) from pg_tables where schemaname = 'public'")).isZero();
    }

    @Test
    void ctrl_c_lets_those_under_way_finish_their_changeset_and_begins_no_other() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, SLOW, "create table two (id int)");
        for (String name : List.of("a", "b", "c")) {
            add(fleet, name, Databases.empty());
        }
        keep(databases.get(0));
        keep(databases.get(1));
        Process update = fleet.start(password(), "update", "--canary=2", "--parallel=2");
        databases.get(0).awaitThat(SLEEPS);
        databases.get(1).awaitThat(SLEEPS);
        // Who is impatient changes nothing.
        interrupt(update);
        interrupt(update);
        List<String> processes = Stream.of("a", "b").flatMap(name -> FleetTrial.upgradeOf(update, name).stream())
                .map(FleetTrial::words).toList();
        letGo();
        CommandRun run = CommandRun.of(update);

        assertThat(processes).hasSize(2);
        String secret = password().length() > 12 ? password() : "a password too short to be looked for";
        assertThat(run.output() + logs() + processes).contains("001_two").doesNotContain(secret);
        assertThat(run.output()).contains(
                        "Stopping: under way, to the end of its changeset: a, b, and no other is started.")
                .containsPattern("a +stopped .*Stopped on request before 001_two-02-two")
                .containsPattern("b +stopped").containsPattern("c +not begun");
        for (TestDatabase begun : databases.subList(0, 2)) {
            assertThat(begun.texts("select id from databasechangelog")).containsExactly("001_two-01-one");
        }
        assertThat(databases.get(2).count("select count(*) from pg_tables where tablename = 'databasechangelog'"))
                .isZero();

        Files.delete(fleet.file("b"));
        Files.delete(fleet.file("c"));
        CommandRun again = fleet.run(password(), "update");
        assertThat(again.exitCode()).as(again.output()).isZero();
        assertThat(databases.get(0).texts("select id from databasechangelog order by orderexecuted"))
                .containsExactly("001_two-01-one", "001_two-02-two");
    }

    private String logs() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder.resolve("logs"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    /** A server that takes the connection and says nothing. */
    @Test
    void ctrl_c_while_it_looks_ends_at_once() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            FleetTrial fleet = FleetTrial.ofProject(folder, "select 1", "select 1");
            fleet.target("a", "jdbc:postgresql://127.0.0.1:%d/x?sslmode=disable".formatted(silent.getLocalPort()), "x");
            fleet.target("b", "jdbc:postgresql://127.0.0.1:1/x", "x");
            Process update = fleet.start("x", "update");
            silent.accept();

            interrupt(update);
            CommandRun run = CommandRun.of(update);

            assertThat(run.output()).containsPattern("a +not begun").containsPattern("b +not begun");
        }
    }

    @Test
    void one_that_is_locked_or_whose_server_fails_is_one_row_and_the_others_go_on() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, SLOW, "create table two (id int)");
        add(fleet, "a", Databases.empty());
        TestDatabase locked = add(fleet, "b-locked", Databases.empty());
        TestDatabase failing = add(fleet, "c-failing", Databases.empty());
        add(fleet, "d", Databases.empty());
        keep(locked);
        keep(failing);

        Process holder = CommandRun.startIn(folder, Map.of("DATABASE_URL", "", "DB_PASSWORD", password()), "upgrade",
                "--settings=" + fleet.file("b-locked"));
        locked.awaitThat(SLEEPS);
        Process update = fleet.start(password(), "update", "--stop-after=9", "--time-limit=12");
        failing.awaitThat(SLEEPS);
        failing.letGo();
        locked.execute("alter database %s allow_connections false".formatted(failing.name()));
        locked.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'"
                .formatted(failing.name()));
        CommandRun run = CommandRun.of(update);
        holder.destroy();
        holder.waitFor();

        assertThat(run.output()).containsPattern("a +updated").containsPattern("d +updated")
                .containsPattern("b-locked +stopped .*not done after 12 s, the time limit; the same command resumes")
                .containsPattern("c-failing +stopped .*001_two-01-one");
        assertThat(run.exitCode()).isEqualTo(3);
    }

    @Test
    void a_list_holds_no_password_no_schema_and_no_database_twice() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, "select 1", "select 1");
        TestDatabase database = add(fleet, "a", Databases.empty());
        String more = database.url() + (database.url().contains("?") ? "&" : "?");
        fleet.target("b", more + "ApplicationName=other", database.username());
        fleet.target("c", more + "currentSchema=tenant", "postgres");
        Files.writeString(fleet.file("d"), "url=jdbc:postgresql://x/y\npassword=canary\n");
        Files.writeString(fleet.file("e"), "url=jdbc:postgresql://x/y?user=ann&password=canary\n");
        Files.writeString(fleet.file("f"), "url=jdbc:postgresql://x/y\ncontexts=\\u12\n");
        Files.write(fleet.file("g"), new byte[] {'u', 'r', 'l', '=', (byte) 0xff});
        Files.writeString(fleet.file("h"), "url=somewhere canary\n");

        CommandRun status = fleet.run(password(), "status");

        assertThat(status.output()).containsPattern("a +behind").containsPattern("b +refused .*same database as a")
                .containsPattern("c +refused .*a tenant has a database of its own")
                .containsPattern("d +refused .*DB_PASSWORD").containsPattern("e +refused .*DB_PASSWORD")
                .containsPattern("f +refused .*f.properties cannot be read: Malformed")
                .containsPattern("g +refused .*g.properties is not in UTF-8")
                .containsPattern("h +refused .*not the address of a PostgreSQL database").doesNotContain("canary");
        assertThat(status.exitCode()).isEqualTo(1);
    }

    @Test
    void two_files_with_one_name_are_refused_before_anything_is_done() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, "select 1", "select 1");
        fleet.target("a", "jdbc:postgresql://127.0.0.1:1/x", "x");
        Path other = Files.createDirectories(folder.resolve("other"));
        Files.copy(fleet.file("a"), other.resolve("a.properties"));

        CommandRun update = fleet.run("x", "update", other.toString());

        assertThat(update.output()).contains("other/a.properties and ", "targets/a.properties have the same name");
        assertThat(update.exitCode()).isEqualTo(2);
        assertThat(CommandRun.here(Map.of(), "fleet", "status", "--time-limit=0", other.toString()).output())
                .contains("The time must be a whole number from 1 to 86400, not '0'");
    }

    @Test
    void one_address_for_all_is_a_misuse() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, "select 1", "select 1");
        fleet.target("a", "jdbc:postgresql://127.0.0.1:1/x", "x");

        CommandRun status = CommandRun.of(CommandRun.startIn(folder,
                new HashMap<>(Map.of("DATABASE_URL", "jdbc:postgresql://127.0.0.1:1/x")), "fleet", "status",
                fleet.folder().toString()));

        assertThat(status.exitCode()).isEqualTo(2);
        assertThat(status.output()).contains("DATABASE_URL names one database for all of them");
    }

    /** Databases with the same history but other objects of users may be judged differently. */
    @Test
    void those_alike_are_reviewed_once_on_the_largest() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, "create table if not exists one (id int primary key)",
                "create table two (id int)");
        for (String name : List.of("a", "b", "c", "d")) {
            add(fleet, name, Databases.empty());
        }
        databases.get(1).execute("create temp table filler as select generate_series(1, 100000) as n; "
                + "create table one (id int primary key); insert into one select n from filler");
        databases.get(0).execute("create table one (id int primary key)");
        databases.get(2).execute("create table theirs (id int)");
        fleet.target("e", "jdbc:postgresql://127.0.0.1:1/x", "x");
        CommandRun upgrade = CommandRun.of(CommandRun.startIn(folder,
                Map.of("DATABASE_URL", "", "DB_PASSWORD", password()), "upgrade", "--settings=" + fleet.file("d")));
        assertThat(upgrade.exitCode()).as(upgrade.output()).isZero();
        Path packs = folder.resolve("packs");
        Files.createDirectories(packs.resolve("a"));
        Files.writeString(packs.resolve("a/review.json"), "of yesterday");

        CommandRun review = fleet.run(password(), "review", "--rows=300", "--out=" + packs);

        assertThat(review.output()).containsPattern("a +to decide .* as b\\n")
                .containsPattern("b +to decide .* 1 not proven back; \\S+ s here.*; " + packs + "/b/index.html\\n")
                .containsPattern("c +to decide .* 1 not proven back; .*" + packs + "/c/index.html\\n")
                .containsPattern("d +up to date").containsPattern("e +could not look")
                .containsPattern("(?m)^3  to decide$");
        assertThat(review.exitCode()).isEqualTo(2);
        assertThat(packs).isDirectoryNotContaining("glob:**/a");
        assertThat(packs.resolve("b")).isDirectoryContaining("glob:**/review.md");
        assertThat(databases.get(0).count("select count(*) from pg_database where datname like 'trace%'")).isZero();
    }
}
