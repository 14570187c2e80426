package dev.supportdb.embedded;

import static dev.supportdb.embedded.EmbeddedPostgres.OWNER;
import static dev.supportdb.embedded.EmbeddedPostgres.SUPERUSER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.supportdb.postgres.EmbeddedLogins;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All tests share one server, because creating one takes seconds; no test relies on the state that another leaves. It is
 * created as it is for a person, and then started without fsync.
 */
final class EmbeddedPostgresTest {

    private static final String QUICK = "fsync=off";

    private static Path parent;
    private static EmbeddedPostgres postgres;
    private static EmbeddedPostgres usual;
    private static Path data;

    @BeforeAll
    static void choose_a_folder_that_is_hard_to_quote() throws IOException {
        // Not a @TempDir, because only its owner may enter it, and the server runs as another user.
        parent = Files.createTempDirectory("support-db-embedded-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path folder = parent.resolve("it's a folder");
        int port = ServerPlace.freePort();
        usual = new EmbeddedPostgres(folder, port);
        assertThat(usual.start()).isTrue();
        usual.stop();
        postgres = new EmbeddedPostgres(folder, port, QUICK);
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
    void the_server_keeps_fsync_on_and_listens_on_this_machine_only() throws IOException, SQLException {
        postgres.stop();
        usual.start();

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

    @ParameterizedTest
    @CsvSource({"postgres, postgres", "postgres, wrong", "support_owner, support_owner", "support_owner, postgres"})
    void asks_for_the_password(String role, String wrong) throws IOException {
        postgres.start();

        assertThatThrownBy(() -> DriverManager.getConnection(postgres.url("support"), role, wrong))
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
        EmbeddedPostgres moved = new EmbeddedPostgres(data.getParent(), port, QUICK);

        assertThat(moved.start()).isTrue();
        assertThat(moved.start()).isFalse();
        assertThat(moved.url("support")).isEqualTo("jdbc:postgresql://127.0.0.1:%d/support".formatted(port));
        DriverManager.getConnection(moved.url("support"), SUPERUSER, postgres.password(SUPERUSER)).close();
    }

    @Test
    void says_which_process_has_the_port_and_what_to_do_before_it_makes_anything() throws IOException {
        Path folder = parent.resolve("never made");
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            EmbeddedPostgres unlucky = new EmbeddedPostgres(folder, other.getLocalPort());

            assertThatThrownBy(unlucky::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Port " + other.getLocalPort())
                    .hasMessageContaining("POSTGRES_PORT=")
                    .message().satisfies(said -> assertThat(System.getProperty("os.name").equals("Linux")
                            && !said.contains("process %d (java in %s)".formatted(ProcessHandle.current().pid(),
                                    Path.of("").toRealPath()))).as(said).isFalse());
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
        assumeTrue(OperatingSystemAccount.isRoot(), "only root can give files away");
        postgres.start();
        String nobodysOwn = text("select count(*) from pg_database");
        assertThat(Files.getOwner(data.resolve("postmaster.pid")).getName()).isEqualTo("nobody");
        postgres.stop();
        give("daemon");
        try {
            assertThat(postgres.start()).isTrue();
            assertThat(Files.getOwner(data.resolve("postmaster.pid")).getName()).isEqualTo("daemon");
            assertThat(text("select count(*) from pg_database")).isEqualTo(nobodysOwn);
            assertThat(postgres.stop()).isTrue();
            give("root");
            assertThatThrownBy(postgres::start).hasMessageContaining("belongs to root");
        } finally {
            give("nobody");
        }
    }

    @Test
    void its_superuser_reads_nothing_that_only_root_may() throws IOException, SQLException {
        assumeTrue(OperatingSystemAccount.isRoot(), "another user's server may read what that user may");
        postgres.start();
        Path secret = Files.writeString(parent.resolve("secret"), "of root\n");
        Path open = Files.writeString(parent.resolve("open"), "for all\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        try {
            assertThat(program("cat " + open)).isEqualTo("for all");
            assertThat(text("select pg_read_file('%s')".formatted(open))).isEqualTo("for all\n");

            assertThatThrownBy(() -> program("cat " + secret)).hasMessageContaining("program \"cat");
            assertThatThrownBy(() -> text("select pg_read_file('%s')".formatted(secret)))
                    .hasMessageContaining("Permission denied");
            assertThatThrownBy(() -> program("echo >>" + open)).isInstanceOf(SQLException.class);
            assertThat(program("id -u")).isNotEqualTo("0");
            assertThat(program("id -G").split(" ")).doesNotContain("0");
        } finally {
            Files.delete(secret);
            Files.delete(open);
        }
    }

    @Test
    void what_runs_in_it_does_not_see_the_environment_of_who_started_it() throws IOException, SQLException {
        assumeTrue(System.getenv("HOME") != null, "whoever starts it has variables");
        postgres.start();

        assertThat(program("printf %s, ${PATH:+path} ${HOME:-none}")).isEqualTo("path,none,");
    }

    @Test
    void its_owner_is_no_superuser_and_has_databases_of_its_own() throws IOException, SQLException {
        postgres.start();

        for (String database : List.of("support", "analytics")) {
            try (Connection owner = DriverManager.getConnection(postgres.url(database), OWNER, postgres.password(OWNER));
                    Statement statement = owner.createStatement()) {
                assertThat(text("select rolsuper or rolcreaterole or rolreplication or rolbypassrls from pg_roles "
                        + "where rolname = '%s'".formatted(OWNER))).isEqualTo("f");
                statement.execute("create table things (id int); create extension citext; "
                        + "drop table things; drop extension citext");
                statement.execute("create database scratch");
                statement.execute("drop database scratch");
                assertThatThrownBy(() -> statement.execute("copy (select 1) to program 'cat'"))
                        .hasMessageContaining("permission denied");
                assertThatThrownBy(() -> statement.execute("alter role %s superuser".formatted(OWNER)))
                        .hasMessageContaining("permission denied");
            }
        }
    }

    @Test
    void its_passwords_are_its_own_and_only_who_owns_the_folder_may_read_them() throws IOException {
        postgres.start();

        Path file = EmbeddedLogins.file(data.getParent());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(Files.getOwner(file)).isEqualTo(Files.getOwner(data.getParent()));
        assertThat(postgres.password(SUPERUSER)).matches("[0-9a-f]{32}").isNotEqualTo(postgres.password(OWNER));
        assertThat(EmbeddedLogins.read(data.getParent()).orElseThrow().toString())
                .doesNotContain(postgres.password(SUPERUSER), postgres.password(OWNER));
        assertThat(Files.readString(postgres.log())).isNotEmpty()
                .doesNotContain(postgres.password(SUPERUSER), postgres.password(OWNER));
        assertThat(data.resolveSibling("password")).doesNotExist();
    }

    /** {@code cp -r} and a umask leave it like this. */
    @Test
    void starts_though_others_may_look_into_its_data() throws IOException {
        postgres.start();
        postgres.stop();
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThat(postgres.start()).isTrue();
    }

    @Test
    void removes_what_a_killed_command_has_left_half_made() throws IOException {
        Path folder = Files.createDirectories(parent.resolve("half made"));
        Files.createDirectories(folder.resolve("data.new/base"));
        Files.createDirectories(folder.resolve("unpacking/bin"));
        Files.writeString(folder.resolve("password"), "half a pass");
        EmbeddedPostgres repaired = new EmbeddedPostgres(folder, ServerPlace.freePort(), QUICK);
        try {
            assertThat(repaired.start()).isTrue();
            assertThat(folder).isDirectoryNotContaining("glob:**{.new,unpacking,password}");
        } finally {
            repaired.reset();
        }
    }

    @Test
    void names_a_folder_of_an_earlier_version_and_deletes_it_when_told() throws IOException {
        Path folder = Files.createDirectories(parent.resolve("earlier"));
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/PG_VERSION"), "17\n");
        EmbeddedPostgres earlier = new EmbeddedPostgres(folder, ServerPlace.freePort());

        assertThatThrownBy(earlier::start).hasMessageContaining("earlier version").hasMessageContaining("make reset");
        assertThat(folder.resolve("data/PG_VERSION")).exists();

        earlier.reset();
        assertThat(folder).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a \"b\"", "$HOME", "`id`", "a\\b", "$(touch canary)"})
    void refuses_a_folder_whose_name_its_programs_would_take_for_a_command(String name) throws IOException {
        EmbeddedPostgres unlucky = new EmbeddedPostgres(parent.resolve(name), ServerPlace.freePort());

        assertThatThrownBy(unlucky::start).hasMessageContaining(name).hasMessageContaining("move the project");
        assertThat(parent.resolve(name)).doesNotExist();
    }

    @Test
    void the_data_is_elsewhere_if_root_has_a_folder_that_nobody_may_enter() throws IOException {
        assumeTrue(OperatingSystemAccount.isRoot(), "an ordinary user's server is that user's");
        Path closed = Files.createDirectory(parent.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path folder = closed.resolve("server");
        EmbeddedPostgres elsewhere = new EmbeddedPostgres(folder, ServerPlace.freePort(), QUICK);
        try {
            assertThat(elsewhere.start()).isTrue();
            assertThat(folder).isSymbolicLink();
            assertThat(elsewhere.folder()).isEqualTo(folder.toRealPath()).isNotEqualTo(folder);
            assertThat(new EmbeddedPostgres(folder, 1).isRunning()).isTrue();
        } finally {
            new EmbeddedPostgres(folder, 1).reset();
        }
        assertThat(elsewhere.folder()).doesNotExist();
        assertThat(closed).isEmptyDirectory();
        Files.delete(closed);
    }

    @Test
    void says_in_a_sentence_that_the_disk_is_full_or_read_only() throws IOException {
        Path disk = Files.createDirectory(parent.resolve("small disk"));
        assumeTrue(ProgramRunner.succeeds(List.of("mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", disk.toString())),
                "a small disk can be mounted");
        try {
            EmbeddedPostgres large = new EmbeddedPostgres(disk.resolve("server"), ServerPlace.freePort());
            assertThatThrownBy(large::start).hasMessageStartingWith("The disk of " + disk);
            ProgramRunner.run(List.of("mount", "-o", "remount,size=80m", disk.toString()));
            assertThatThrownBy(large::start).as("by initdb").hasMessageStartingWith("The disk of ");
            ProgramRunner.run(List.of("mount", "-o", "remount,ro", disk.toString()));
            assertThatThrownBy(large::start).hasMessageStartingWith("Cannot write to ");
            ProgramRunner.run(List.of("mount", "-o", "remount,rw,size=300m", disk.toString()));
            assertThat(large.start()).as("when there is room").isTrue();
            large.reset();
        } finally {
            ProgramRunner.run(List.of("umount", disk.toString()));
            Files.delete(disk);
        }
    }

    @Test
    void another_account_gets_its_words_unchanged() throws IOException {
        assumeTrue(OperatingSystemAccount.isRoot(), "only root can become another user");

        for (OperatingSystemAccount nobody : List.of(OperatingSystemAccount.of(parent.resolve("nothing")),
                OperatingSystemAccount.Other.bySu("nobody"))) {
            assertThat(ProgramRunner.run(nobody.running(List.of("id", "-un")))).isEqualTo("nobody");
            assertThat(ProgramRunner.run(nobody.running(List.of("printf", "%s|", "it's", "a $HOME", "\"word\"", "-n"))))
                    .isEqualTo("it's|a $HOME|\"word\"|-n|");
        }
    }

    /** The one line that a program prints on the server's machine, as its superuser runs it. */
    private static String program(String command) throws IOException, SQLException {
        execute("create temp table printed (line text); copy printed from program '%s'; ".formatted(command)
                + "create table if not exists lines (line text); truncate lines; insert into lines table printed");
        return text("select line from lines");
    }

    private static void give(String user) throws IOException {
        try (var files = Files.walk(data)) {
            for (Path file : files.toList()) {
                Files.setOwner(file, file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
            }
        }
    }

    private static void execute(String sql) throws IOException, SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url("support"), SUPERUSER, postgres.password(SUPERUSER));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(String sql) throws IOException, SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url("support"), SUPERUSER, postgres.password(SUPERUSER));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
