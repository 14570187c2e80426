package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A database that is broken, ahead, of another kind or unreachable is one row, and does not end the command. */
final class FleetCommandTest {

    @TempDir
    private Path folder;

    @RegisterExtension
    private final FleetDatabases databases = new FleetDatabases();

    @Test
    void no_other_is_begun_when_the_canary_fails() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, "select 1", "create table two (id int)");
        databases.add(fleet, "a", Databases.empty()).execute("create table two (id text)");
        TestDatabase other = databases.add(fleet, "b", Databases.empty());

        CommandRun update = fleet.run(databases.password(), "update", "--json", "--parallel=9");

        assertThat(update.output()).contains("\"target\": \"a\", \"state\": \"failed\", \"version\": \"main/001\", \"pending\": 1",
                "\"target\": \"b\", \"state\": \"not begun\"");
        assertThat(update.exitCode()).isEqualTo(4);
        assertThat(other.count("select count(*) from pg_tables where schemaname = 'public'")).isZero();
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

            FleetTrial.interrupt(update);
            CommandRun run = CommandRun.of(update);

            assertThat(run.output()).containsPattern("a +not begun").containsPattern("b +not begun");
        }
    }

    @Test
    void a_list_holds_no_password_no_schema_and_no_database_twice() throws Exception {
        FleetTrial fleet = FleetTrial.ofProject(folder, "select 1", "select 1");
        TestDatabase database = databases.add(fleet, "a", Databases.empty());
        String more = database.url() + (database.url().contains("?") ? "&" : "?");
        fleet.target("b", more + "ApplicationName=other", database.username());
        fleet.target("c", more + "currentSchema=tenant", "postgres");
        Files.writeString(fleet.file("d"), "url=jdbc:postgresql://x/y\npassword=canary\n");
        Files.writeString(fleet.file("e"), "url=jdbc:postgresql://x/y?user=ann&password=canary\n");
        Files.writeString(fleet.file("f"), "url=jdbc:postgresql://x/y\ncontexts=\\u12\n");
        Files.write(fleet.file("g"), new byte[] {'u', 'r', 'l', '=', (byte) 0xff});
        Files.writeString(fleet.file("h"), "url=somewhere canary\n");

        CommandRun status = fleet.run(databases.password(), "status");

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
}
