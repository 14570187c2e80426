package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Databases that are busy, locked or lost while others are brought forward, and the review of several. */
final class FleetCommandTrials {

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

    @RegisterExtension
    private final FleetDatabases databases = new FleetDatabases();

    @Test
    void ctrl_c_lets_those_under_way_finish_their_changeset_and_begins_no_other() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, SLOW, "create table two (id int)");
        for (String name : List.of("a", "b", "c")) {
            databases.add(fleet, name, Databases.empty());
        }
        databases.keep(databases.get(0));
        databases.keep(databases.get(1));
        Process update = fleet.start(databases.password(), "update", "--canary=2", "--parallel=2");
        databases.get(0).awaitThat(SLEEPS);
        databases.get(1).awaitThat(SLEEPS);
        // Who is impatient changes nothing.
        FleetTrial.interrupt(update);
        FleetTrial.interrupt(update);
        List<String> processes = Stream.of("a", "b").flatMap(name -> FleetTrial.upgradeOf(update, name).stream())
                .map(FleetTrial::words).toList();
        databases.letGo();
        CommandRun run = CommandRun.of(update);

        assertThat(processes).hasSize(2);
        String secret = databases.password().length() > 12 ? databases.password() : "a password too short to be looked for";
        assertThat(run.output() + logs() + processes).contains("001_two").doesNotContain(secret);
        assertThat(run.output()).contains(
                        "Stopping: under way, to the end of its changeset: a, b, and no other is started.")
                .containsPattern("a +stopped .*Stopped on request before 001_two-02-two")
                .containsPattern("b +stopped").containsPattern("c +not begun");
        for (TestDatabase begun : List.of(databases.get(0), databases.get(1))) {
            assertThat(begun.texts("select id from databasechangelog")).containsExactly("001_two-01-one");
        }
        assertThat(databases.get(2).count("select count(*) from pg_tables where tablename = 'databasechangelog'"))
                .isZero();

        Files.delete(fleet.file("b"));
        Files.delete(fleet.file("c"));
        CommandRun again = fleet.run(databases.password(), "update");
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

    @Test
    void one_that_is_locked_or_whose_server_fails_is_one_row_and_the_others_go_on() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, SLOW, "create table two (id int)");
        databases.add(fleet, "a", Databases.empty());
        TestDatabase locked = databases.add(fleet, "b-locked", Databases.empty());
        TestDatabase failing = databases.add(fleet, "c-failing", Databases.empty());
        databases.add(fleet, "d", Databases.empty());
        databases.keep(locked);
        databases.keep(failing);

        Process holder = CommandRun.startIn(folder,
                Map.of("DATABASE_URL", "", "DB_PASSWORD", databases.password()), "upgrade", "--settings=" + fleet.file("b-locked"));
        locked.awaitThat(SLEEPS);
        Process update = fleet.start(databases.password(), "update", "--stop-after=9", "--time-limit=40");
        failing.awaitThat(SLEEPS);
        failing.letGo();
        locked.execute("alter database %s allow_connections false".formatted(failing.name()));
        locked.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'"
                .formatted(failing.name()));
        CommandRun run = CommandRun.of(update);
        holder.destroy();
        holder.waitFor();

        assertThat(run.output()).containsPattern("a +updated").containsPattern("d +updated")
                .containsPattern("b-locked +stopped .*not done after 40 s, the time limit; the same command resumes")
                .containsPattern("c-failing +stopped .*001_two-01-one");
        assertThat(run.exitCode()).isEqualTo(3);
    }

    /** Databases with the same history but other objects of users may be judged differently. */
    @Test
    void those_alike_are_reviewed_once_on_the_largest() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, "create table if not exists one (id int primary key)",
                "create table two (id int)");
        for (String name : List.of("a", "b", "c", "d")) {
            databases.add(fleet, name, Databases.empty());
        }
        databases.get(1).execute("create temp table filler as select generate_series(1, 100000) as n; "
                + "create table one (id int primary key); insert into one select n from filler");
        databases.get(0).execute("create table one (id int primary key)");
        databases.get(2).execute("create table theirs (id int)");
        fleet.target("e", "jdbc:postgresql://127.0.0.1:1/x", "x");
        CommandRun upgrade = CommandRun.of(CommandRun.startIn(folder,
                Map.of("DATABASE_URL", "", "DB_PASSWORD", databases.password()),
                "upgrade", "--settings=" + fleet.file("d")));
        assertThat(upgrade.exitCode()).as(upgrade.output()).isZero();
        Path packs = folder.resolve("packs");
        Files.createDirectories(packs.resolve("a"));
        Files.writeString(packs.resolve("a/review.json"), "of yesterday");

        CommandRun review = fleet.run(databases.password(), "review", "--rows=300", "--out=" + packs);

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
