package dev.supportdb.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import dev.supportdb.support.ServerPlace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One server for all, for making one takes seconds; no test relies on the state that another leaves it in. */
final class EmbeddedPostgresTest {

    private static Path parent;
    private static EmbeddedPostgres postgres;
    private static Path data;

    @BeforeAll
    static void choose_a_folder_that_is_hard_to_quote() throws IOException {
        // Not @TempDir, whose folder only its owner may enter.
        parent = Files.createTempDirectory("support-db-embedded-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path folder = parent.resolve("it's a folder");
        postgres = new EmbeddedPostgres(folder, ServerPlace.freePort());
        data = folder.resolve("data");
    }

    @AfterAll
    static void leave_nothing_behind() throws IOException {
        postgres.reset();
        assertThat(parent).isEmptyDirectory();
        Files.delete(parent);
    }

    @Test
    void starts_once_stops_once_and_keeps_its_data() throws IOException, SQLException {
        postgres.start();
        assertThat(postgres.start()).isFalse();
        execute("create table if not exists kept (id int); insert into kept values (1)");
        String rows = text("select count(*) from kept");

        assertThat(postgres.stop()).isTrue();
        assertThat(postgres.isRunning()).isFalse();
        assertThat(postgres.stop()).isFalse();

        assertThat(postgres.start()).isTrue();
        assertThat(postgres.isRunning()).isTrue();
        assertThat(text("select count(*) from kept")).isEqualTo(rows);
    }

    @Test
    void is_safe_with_data_and_seen_by_this_machine_alone() throws IOException, SQLException {
        postgres.start();

        assertThat(text("show fsync")).isEqualTo("on");
        assertThat(text("show listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(text("show unix_socket_directories")).isEmpty();
        assertThat(text("select string_agg(datname, ' ' order by datname) from pg_database where not datistemplate"))
                .isEqualTo("analytics postgres support");
    }

    @Test
    void says_which_newer_release_has_more_fixes() throws IOException, SQLException {
        postgres.start();

        PostgresRelease release = PostgresRelease.of(text("show server_version"));
        assertThat(postgres.missingFixes()).isEqualTo(release.newer()
                .map(newer -> release + ", without the security fixes of " + newer));
    }

    @Test
    void asks_for_the_password() throws IOException {
        postgres.start();

        assertThatThrownBy(() -> DriverManager.getConnection(postgres.url("support"), "postgres", "wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void knows_letters_beyond_ascii() throws IOException, SQLException {
        postgres.start();

        assertThat(text("select lower('ÄÉΩ')")).isEqualTo("äéω");
    }

    @Test
    void starts_again_after_kill_9() throws IOException, SQLException {
        postgres.start();
        execute("create table if not exists survivors (id int); truncate survivors; insert into survivors values (7)");
        ProcessHandle server = new PostmasterPidFile(data).server().orElseThrow();

        server.destroyForcibly();
        server.onExit().join();

        assertThat(postgres.isRunning()).isFalse();
        assertThat(postgres.start()).isTrue();
        assertThat(text("select id from survivors")).isEqualTo("7");
    }

    @Test
    void starts_though_the_pid_it_left_now_belongs_to_another_program() throws IOException, SQLException {
        postgres.start();
        String pidFile = Files.readString(data.resolve("postmaster.pid"));
        postgres.stop();
        String stale = pidFile.replaceFirst("\\d+", Long.toString(ProcessHandle.current().pid()));
        Files.writeString(data.resolve("postmaster.pid"), stale);

        assertThat(postgres.isRunning()).isFalse();
        assertThat(postgres.start()).isTrue();
        assertThat(text("select 1")).isEqualTo("1");
    }

    @Test
    void moves_to_another_port() throws IOException, SQLException {
        postgres.start();
        int port = ServerPlace.freePort();
        EmbeddedPostgres moved = new EmbeddedPostgres(data.getParent(), port);

        assertThat(moved.start()).isTrue();
        assertThat(moved.start()).isFalse();
        assertThat(moved.url("support")).isEqualTo("jdbc:postgresql://127.0.0.1:%d/support".formatted(port));
        DriverManager.getConnection(moved.url("support"), "postgres", "postgres").close();
    }

    @Test
    void says_which_port_is_taken_and_what_to_do_before_it_makes_anything() throws IOException {
        Path folder = parent.resolve("never made");
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            EmbeddedPostgres unlucky = new EmbeddedPostgres(folder, other.getLocalPort());

            assertThatThrownBy(unlucky::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Port " + other.getLocalPort())
                    .hasMessageContaining("DATABASE_URL");
        }
        assertThat(folder).doesNotExist();
    }

    @Test
    void does_not_touch_the_data_of_another_major_version() throws IOException {
        postgres.start();
        postgres.stop();
        Path version = data.resolve("PG_VERSION");
        String ours = Files.readString(version);
        Files.writeString(version, "14\n");
        try {
            assertThatThrownBy(postgres::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("PostgreSQL 14")
                    .hasMessageContaining("make reset");
        } finally {
            Files.writeString(version, ours);
        }
        assertThat(postgres.start()).isTrue();
    }

    @Test
    void ends_with_the_servers_own_words_when_it_cannot_start() throws IOException {
        postgres.start();
        postgres.stop();
        EmbeddedPostgres wrong = new EmbeddedPostgres(data.getParent(), ServerPlace.freePort(), "shared_buffers=1TB");

        assertThatThrownBy(wrong::start)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("FATAL:")
                .hasMessageContaining(wrong.log().toString());
    }

    @Test
    void runs_as_the_owner_of_its_data_where_this_jvm_is_root() throws IOException, SQLException {
        assumeTrue(new UnixSystem().getUid() == 0, "only root can give files away");
        OperatingSystemAccount nobody = new OperatingSystemAccount.Other("nobody");
        postgres.start();
        String rootsOwn = text("select count(*) from pg_database");
        postgres.stop();
        give(nobody);
        try {
            assertThat(postgres.start()).isTrue();
            assertThat(Files.getOwner(data.resolve("postmaster.pid")).getName()).isEqualTo("nobody");
            assertThat(text("select count(*) from pg_database")).isEqualTo(rootsOwn);
            assertThat(postgres.stop()).isTrue();
        } finally {
            give(new OperatingSystemAccount.Other("root"));
        }
    }

    @Test
    void another_account_gets_its_words_unchanged() throws IOException {
        assumeTrue(new UnixSystem().getUid() == 0, "only root can become another user");

        OperatingSystemAccount nobody = new OperatingSystemAccount.Other("nobody");

        assertThat(ProgramRunner.run(nobody.running(List.of("id", "-un")))).isEqualTo("nobody");
        assertThat(ProgramRunner.run(nobody.running(List.of("printf", "%s|", "it's", "a $HOME", "\"word\""))))
                .isEqualTo("it's|a $HOME|\"word\"|");
    }

    private static void give(OperatingSystemAccount account) throws IOException {
        try (var files = Files.walk(data)) {
            for (Path file : files.toList()) {
                account.own(file);
            }
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url("support"), "postgres", "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url("support"), "postgres", "postgres");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
