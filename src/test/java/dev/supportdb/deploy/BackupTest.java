package dev.supportdb.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.PackagedServer;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A backup is good only where all of it comes back; whatever else is made of it is refused. */
final class BackupTest {

    private static final String HONEST = "exec \"$real\" \"$@\"";

    /** Changes the biggest file of a kind, after a dump that went well. */
    private static final String THEN = "\"$real\" \"$@\" || exit; file=$(ls -S \"$dump\"/%s | head -n 1)\n";

    @TempDir
    private static Path folder;

    private static PackagedServer server;
    private static TestDatabase database;
    private static Path old;

    @BeforeAll
    static void start() throws Exception {
        assumeThat(PackagedServer.installed()).as("a packaged PostgreSQL with pg_dump is there").isPresent();
        server = PackagedServer.start();
        database = Warehouse.in(server, "warehouse");
        Warehouse.in(server, "other").execute("update crates set weight = 1 where id = 7");
        server.database("other").letGo();
        old = backup(folder.resolve("old"), "full", Map.of()).path();
        database.execute("delete from crates where id = 1; delete from \"odd Names\" where \"C\" is null");
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    private static BackupFolder backup(Path backups, String proof, Map<String, String> environment) throws Exception {
        return new Backup(Warehouse.settings(database, backups, proof, environment), line -> { }).dump();
    }

    private static Map<String, String> programs(Path place, String dump, String restore) throws IOException {
        return Warehouse.programs(place, server.programs(), dump, restore);
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "list", "recent=1h"})
    void a_good_backup_is_accepted_and_nobody_else_may_read_it(String proof, @TempDir Path place) throws Exception {
        BackupFolder backup = backup(place.resolve("backups"), proof, programs(place, HONEST, HONEST));

        assertThat(backup.path().getFileName().toString()).matches("pre_migration_\\d{8}_\\d{6}");
        assertThat(backup.properties().getProperty("proof")).isEqualTo(proof.equals("list") ? "list" : "full");
        backup.checkSums();
        try (Stream<Path> all = Files.walk(place.resolve("backups"))) {
            assertThat(all).allSatisfy(path -> assertThat(
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------"));
        }
        assertNothingLeft();
    }

    /** The changes to a dump, and the line of the refusal that names each. */
    private static Stream<String[]> sabotages() {
        return Stream.of(
                sabotage("truncated rows", after("*.dat.gz", "truncate -s -30 \"$file\""), "does not restore"),
                sabotage("truncated list", after("toc.dat", "truncate -s -30 \"$file\""), "does not restore"),
                sabotage("a flipped byte of rows", flipped("*.dat.gz", 2000), "does not restore"),
                sabotage("a flipped byte of a large object", flipped("blob_*.dat.gz", 30), "restore"),
                sabotage("another word in the list",
                        after("toc.dat", "LC_ALL=C sed -i s/hall/halt/ \"$file\""), "halt"),
                sabotage("another default",
                        after("toc.dat", "LC_ALL=C sed -i s/03:04:05/03:04:06/ \"$file\""), "03:04:06"),
                sabotage("a missing table", with("--exclude-table=days_1"), "days_1"),
                sabotage("a missing function", with("--exclude-table=large_crates"), "large_crates"),
                sabotage("missing rows", with("--exclude-table-data=days_1"), "days_1"),
                sabotage("a missing file", after("*.dat.gz", "rm \"$file\""), "does not restore"),
                sabotage("a missing row", after("*.dat.gz", """
                        gunzip -c "$file" | sed 1d | gzip >"$file.new" && mv "$file.new" "$file\""""), "crates"),
                sabotage("another value of a sequence", with("--exclude-table-data=crates_id_seq"), "crates_id_seq"),
                sabotage("a missing grant", with("--no-privileges"), "grant"),
                sabotage("missing comments", with("--no-comments"), "comment"),
                sabotage("missing large objects", with("--no-blobs"), "pg_largeobject"),
                sabotage("empty", "mkdir \"$dump\"", "does not restore"),
                sabotage("nothing", "exit 0", "does not restore"),
                sabotage("the schema alone", with("--schema-only"), "rows"),
                sabotage("stale", "cp -r \"$STALE\" \"$dump\"", "crates"),
                sabotage("of another database", "PGDATABASE=other; export PGDATABASE\n" + withoutSnapshot(), "crates"),
                sabotage("of a later instant", "PGOPTIONS= psql -qXAtc \"insert into days values ('2026-01-31', 0)\"\n"
                        + withoutSnapshot(), "days_1"),
                sabotage("disk full", "ulimit -f 8; " + HONEST, "pg_dump failed"),
                sabotage("killed", "\"$real\" \"$@\"; kill -9 $$", "pg_dump failed"));
    }

    private static String[] sabotage(String name, String dump, String said) {
        return new String[] {name, dump, said};
    }

    private static String after(String files, String then) {
        return THEN.formatted(files) + then;
    }

    private static String flipped(String files, int at) {
        return after(files, "printf '\\377' | dd of=\"$file\" bs=1 seek=%d conv=notrunc 2>/dev/null".formatted(at));
    }

    private static String with(String option) {
        return "exec \"$real\" \"$@\" " + option;
    }

    private static String withoutSnapshot() {
        return "for argument in \"$@\"; do shift; case $argument in --snapshot=*) ;; *) set -- \"$@\" \"$argument\" ;; "
                + "esac; done\n" + HONEST;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sabotages")
    void a_sabotaged_backup_is_refused(String name, String dump, String said, @TempDir Path place) throws Exception {
        Map<String, String> programs = programs(place,
                "STALE=%s\n%s".formatted(old.resolve(BackupFolder.DUMP), dump), HONEST);

        assertThatThrownBy(() -> backup(place.resolve("backups"), "full", programs)).isInstanceOf(IOException.class)
                .hasMessageContaining(said);
        assertThat(BackupFolder.in(place.resolve("backups"))).isEmpty();
        assertThat(place.resolve("backups")).isEmptyDirectory();
        assertNothingLeft();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "restores nothing        | exit 0                                              | crates",
        "restores without rows   | if [ \"$2\" != --list ]; then exec \"$real\" \"$@\" --schema-only; fi | rows",
        "gives all to itself     | exec \"$real\" \"$@\" --no-owner                         | owner",
        "goes on after errors    | \"$real\" --no-password --table=crates $6 $7 2>&1; exit 0 | moves",
        "fails                   | echo no room; exit 1                                | no room"})
    void a_restore_that_ends_well_proves_nothing(String name, String restore, String said, @TempDir Path place)
            throws Exception {
        Map<String, String> programs = programs(place, HONEST, restore);

        assertThatThrownBy(() -> backup(place.resolve("backups"), "full", programs)).isInstanceOf(IOException.class)
                .hasMessageContaining(said);
        assertThat(place.resolve("backups")).isEmptyDirectory();
        assertNothingLeft();
    }

    @Test
    void an_older_client_is_not_even_tried(@TempDir Path place) throws Exception {
        Map<String, String> programs = programs(place, "# version=14.1\ntouch " + place.resolve("tried"),
                "# version=14.1");

        assertThatThrownBy(() -> backup(place.resolve("backups"), "full", programs)).isInstanceOf(IOException.class)
                .hasMessageContaining("or later are needed").hasMessageContaining("Too old: pg_dump 14.1");
        assertThat(place.resolve("tried")).doesNotExist();
        assertThat(place.resolve("backups")).doesNotExist();
    }

    /** The proof by reading finds what cannot be read, and what has no rows. */
    @ParameterizedTest
    @ValueSource(strings = {"truncate -s -30 \"$file\"", "rm \"$file\"", "rm -r \"$dump\"; mkdir \"$dump\""})
    void a_backup_that_is_only_read_is_refused_where_it_cannot_be(String then, @TempDir Path place) throws Exception {
        Map<String, String> programs = programs(place, after("*.dat.gz", then), HONEST);

        assertThatThrownBy(() -> backup(place.resolve("backups"), "list", programs)).isInstanceOf(IOException.class)
                .hasMessageContaining("cannot be read");
        Map<String, String> withoutRows = programs(place, with("--exclude-table-data=moves"), HONEST);
        assertThatThrownBy(() -> backup(place.resolve("backups"), "list", withoutRows))
                .hasMessageContaining("no rows of public.moves");
        assertThat(place.resolve("backups")).isEmptyDirectory();
    }

    @Test
    void a_backup_is_only_read_while_another_was_restored_not_long_ago(@TempDir Path place) throws Exception {
        assertThat(backup(place, "recent=1h", Map.of()).properties().getProperty("proof")).isEqualTo("full");
        assertThat(backup(place, "recent=1h", Map.of()).properties().getProperty("proof")).isEqualTo("list");
        assertThat(backup(place, "recent=0h", Map.of()).properties().getProperty("proof")).isEqualTo("full");
    }

    /** {@code -Dtrials=20} for more of them. */
    @Test
    void the_application_writes_on_and_the_comparison_is_exact(@TempDir Path place) throws Exception {
        TestDatabase busy = Warehouse.in(server, "busy");
        try (Warehouse.Writers writers = new Warehouse.Writers(busy, 2, 200)) {
            for (int i = 0; i < Integer.getInteger("trials", 2); i++) {
                long before = writers.transactions();
                new Backup(Warehouse.settings(busy, place, "full", Map.of()), line -> { }).dump();
                assertThat(writers.transactions() - before).isGreaterThan(20);
            }
        }
        server.drop(busy);
        assertThat(BackupFolder.in(place)).hasSize(Integer.getInteger("trials", 2));
    }

    /** Neither may take a role from the other, nor fail because the other was quicker. */
    @Test
    void two_proofs_at_once_share_the_roles_that_they_create() throws Exception {
        List<String> roles = List.of("absentee");
        TestDatabase first = server.create("proof_1");
        TestDatabase second = server.create("proof_2");
        String exists = "select rolname from pg_roles where rolname = 'absentee'";
        try (Connection connection = server.any().connect()) {
            StubRoles one = new StubRoles(connection);
            StubRoles other = new StubRoles(connection);
            one.create(roles, "proof_1");
            other.create(roles, "proof_2");
            server.drop(first);
            one.close();
            assertThat(server.any().texts(exists)).hasSize(1);
            server.drop(second);
            other.close();
        }
        assertThat(server.any().texts(exists)).isEmpty();
    }

    @Test
    void two_that_begin_in_the_same_second_get_different_names(@TempDir Path place) throws Exception {
        // As if processes of another machine had begun one in this second and in each of the next ones.
        List<String> others = IntStream.range(0, 5).mapToObj(LocalDateTime.now()::plusSeconds)
                .map(DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss")::format).toList();
        for (String time : others) {
            Files.createDirectory(place.resolve("pre_migration_%s.1-0.unfinished".formatted(time)));
        }

        assertThat(BackupFolder.begin(place).time()).isNotIn(others);
    }

    /** A backup never waits, because the schema must not change between the digest and the dump. */
    @Test
    void a_migration_is_waited_for_by_nobody(@TempDir Path place) throws Exception {
        try (SnapshotSession migration = SnapshotSession.open(Warehouse.target(database))) {
            assertThat(migration.snapshot()).isNotBlank();
            assertThatThrownBy(() -> backup(place, "full", Map.of()))
                    .hasMessageContaining("Another run migrates this database");
        }
        assertThat(place).isEmptyDirectory();
    }

    @Test
    void the_timeouts_of_a_database_do_not_end_a_backup(@TempDir Path place) throws Exception {
        server.any().execute("""
                alter database warehouse set idle_in_transaction_session_timeout = '100ms';
                alter database warehouse set statement_timeout = '10s';
                alter database warehouse set idle_session_timeout = '100ms'""");
        try {
            BackupFolder backup = backup(place.resolve("backups"), "full",
                    programs(place, "sleep 0.5; " + HONEST, HONEST));
            assertThat(backup.path().resolve(BackupFolder.DATABASE)).content()
                    .contains("alter database :\"database\" set statement_timeout = '10s';");
        } finally {
            server.any().execute("alter database warehouse reset all");
        }
    }

    @Test
    void a_restored_database_is_a_new_one_and_the_same(@TempDir Path place) throws Exception {
        BackupFolder backup = backup(place, "full", Map.of());
        List<String> said = new ArrayList<>();

        String byHand = restore(said).into("restored", backup);

        TestDatabase restored = server.database("restored");
        assertThat(restored.snapshot().differenceTo(database.snapshot())).isEmpty();
        assertThat(byHand).contains("alter database :\"database\" owner to postgres;");
        assertThatThrownBy(() -> restore(said).into("restored", backup)).isInstanceOf(CommandExecutionException.class)
                .hasMessageContaining("There is a database restored already");

        server.any().execute("alter database warehouse set quote_all_identifiers = on; "
                + "alter database warehouse set bytea_output = 'escape'");
        try {
            assertThat(RowsSinceBackup.of(Warehouse.target(database), Warehouse.target(restored)))
                    .as("only tables without a primary key, whatever the settings that a restored database lacks")
                    .extracting(RowsSinceBackup::table)
                    .containsExactlyInAnyOrder("public.\"odd Names\"", "public.days_1");
        } finally {
            server.any().execute("alter database warehouse reset all");
        }
        server.drop(restored);
        assertNothingLeft();
    }

    private static Restore restore(List<String> said) {
        return new Restore(Warehouse.target(database), 2, Map.of(), said::add);
    }

    /** A backup that was good when it was made may be damaged later. */
    @ParameterizedTest
    @ValueSource(strings = {"dump/toc.dat", "contents.tsv", "backup.properties", "database.sql", "SHA256SUMS", "dump"})
    void a_backup_that_has_changed_since_is_not_restored(String file, @TempDir Path place) throws Exception {
        BackupFolder backup = new BackupFolder(place.resolve("backup"));
        copy(old, backup.path());
        Path changed = backup.path().resolve(file);
        if (Files.isDirectory(changed)) {
            Files.createFile(changed.resolve("more"));
        } else {
            byte[] bytes = Files.readAllBytes(changed);
            bytes[bytes.length / 2] ^= 1;
            Files.write(changed, bytes);
        }

        assertThatThrownBy(() -> restore(new ArrayList<>()).into("restored", backup)).isInstanceOf(IOException.class)
                .hasMessageContaining("has been changed since it was made");
        assertThat(server.any().texts("select datname from pg_database where datname = 'restored'")).isEmpty();
        Files.delete(Files.isDirectory(changed) ? changed.resolve("more") : changed);
        if (!Files.isDirectory(changed)) {
            assertThatThrownBy(() -> restore(new ArrayList<>()).into("restored", backup))
                    .isInstanceOf(IOException.class);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    @Test
    void a_database_is_copied_where_nobody_is_connected(@TempDir Path place) throws Exception {
        database.letGo();
        Backup backup = new Backup(Warehouse.settings(database, place, "full", Map.of()), line -> { });
        try (Connection somebody = database.connect()) {
            assertThat(somebody.isValid(1)).isTrue();
            assertThatThrownBy(backup::copy).hasMessageContaining("being accessed by other users");
        }
        assertThat(place).isEmptyDirectory();

        BackupFolder copy = backup.copy();

        TestDatabase copied = server.database(copy.properties().getProperty("copy"));
        assertThat(copied.snapshot().differenceTo(database.snapshot())).isEmpty();
        copied.letGo();
        restore(new ArrayList<>()).into("restored", copy);
        TestDatabase restored = server.database("restored");
        assertThat(restored.snapshot().differenceTo(database.snapshot())).isEmpty();
        server.drop(restored);
        server.drop(copied);
        assertNothingLeft();
    }

    @Test
    void a_command_makes_a_backup_and_another_proves_it(@TempDir Path place) throws Exception {
        Backup backup = new Backup(Warehouse.settings(database, place, "full", Map.of()), line -> { });

        BackupFolder made = backup.by("echo at work; echo \"snapshot-7 of $PGDATABASE\"",
                "test \"$SUPPORTDB_BACKUP\" = 'snapshot-7 of warehouse' && echo restored");
        assertThat(made.properties()).containsEntry("name", "snapshot-7 of warehouse")
                .containsEntry("proof", "command");

        for (List<String> commands : List.of(List.of("exit 3", "exit 0"), List.of("true", "echo restored"),
                List.of("echo snapshot", "echo not restored; exit 1"), List.of("echo snapshot", "true"))) {
            assertThatThrownBy(() -> backup.by(commands.get(0), commands.get(1))).isInstanceOf(IOException.class)
                    .hasMessageContaining("-command failed");
        }
        assertThat(BackupFolder.in(place)).containsExactly(made);
        assertThatThrownBy(() -> restore(new ArrayList<>()).into("restored", made))
                .hasMessageContaining("made by another program");
    }

    private static void assertNothingLeft() throws SQLException {
        TestDatabase any = server.any();
        assertThat(any.texts("select datname from pg_database where datname ~ '^support_'")).isEmpty();
        assertThat(any.texts("select rolname from pg_roles where shobj_description(oid, 'pg_authid') ~ 'stands'"))
                .isEmpty();
        any.awaitThat("not exists (select from pg_locks where locktype = 'advisory')");
        any.awaitThat("not exists (select from pg_stat_activity where application_name in ('pg_dump', 'pg_restore'))");
    }
}
