package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.ServerPair;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A standby refuses what writes, with the way to its primary, and answers what only reads. */
final class StandbyTest {

    private static final String FIRST = changeSet("first", "", "create table crates (id int)", "drop table crates");
    private static final String SECOND = changeSet("second", "", "select 1", "select 1");
    private static final String NAME = EmbeddedPostgres.SUPERUSER;

    @TempDir
    private static Path folder;

    private static ServerPair pair;

    @BeforeAll
    static void start() throws Exception {
        pair = ServerPair.start();
        TestDatabase support = pair.onPrimary("support");
        support.execute("create role ordinary login password 'ordinary'");
        changelog(support, FIRST).run("update", Map.of());
        pair.awaitStandby();
    }

    @AfterAll
    static void stop() throws Exception {
        onStandby().letGo();
        pair.onPrimary("support").letGo();
        pair.onPrimary("postgres").letGo();
        pair.close();
    }

    private static TestDatabase onStandby() throws IOException {
        return pair.onStandby("support");
    }

    private static TinyChangelog changelog(TestDatabase database, String changesets) {
        return new TinyChangelog(folder, database).of(changesets);
    }

    @Test
    void says_before_all_that_writes_that_it_is_one_and_where_its_primary_is() throws Exception {
        TinyChangelog changelog = changelog(onStandby(), FIRST + SECOND);
        Map<String, Object> arguments = Map.of("count", 1, "tag", "tag", "force", true);
        for (String command : List.of("update", "updateCount", "rollbackCount", "changelogSync", "markNextChangesetRan",
                "tag", "clearChecksums")) {
            assertThatThrownBy(() -> changelog.run(command, arguments)).as(command)
                    .isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessage("""
                            This server (127.0.0.1:%d) is a standby, or is restoring a backup: it takes no writes. \
                            Nothing has been changed. It follows 127.0.0.1:%2$d. Run the same command there, after:
                              export DATABASE_URL='jdbc:postgresql://127.0.0.1:%2$d/support'""",
                            pair.standbyPort(), pair.primaryPort());
        }
        assertThat(onStandby().count("select count(*) from databasechangelog")).isOne();
    }

    @Test
    void hides_its_primary_from_an_ordinary_role() throws Exception {
        TestDatabase standby = onStandby();
        TinyChangelog changelog = changelog(
                new TestDatabase(standby.name(), standby.url(), "ordinary", "ordinary"), FIRST + SECOND);
        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageEndingWith("""
                Run the same command on the primary. Its name is hidden from user ordinary; as a superuser run:
                  select sender_host, sender_port from pg_stat_wal_receiver;""");
    }

    @Test
    void among_several_servers_of_a_url_is_passed_over_by_what_it_says() throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/support"
                .formatted(pair.standbyPort(), pair.primaryPort());
        String password = pair.password();
        Throwable refusal = catchThrowable(() -> requireWritable(url, password));
        assertThat(refusal).hasMessageEndingWith("export DATABASE_URL='" + url + "?targetServerType=primary'");
        requireWritable(url + "?targetServerType=primary", password);
    }

    private static void requireWritable(String url, String password) throws Exception {
        DatabaseState.requireWritable(
                new TargetDatabase(url, NAME, password, "tiny.yaml", "test", null, Map.of()), folder);
    }

    @Test
    void answers_what_only_reads() throws Exception {
        TinyChangelog changelog = changelog(onStandby(), FIRST + SECOND);
        assertThat(changelog.run("status", Map.of())).contains("1 changeset has not been applied");
        assertThat(changelog.run("updateSql", Map.of())).contains("'second'");
        assertThat(changelog.run("rollbackCountSql", Map.of("count", 1))).contains("drop table crates");
        assertThat(changelog.run("listLocks", Map.of()))
                .contains("This server is a standby").doesNotContain("No locks");
        changelog.run("validate", Map.of());
    }

    /** The negative control: without the check, PostgreSQL's own words, and none of them on where to go. */
    @Test
    void would_say_no_more_than_that_a_statement_cannot_be_executed() {
        assertThatThrownBy(() -> new TinyChangelog(folder, onStandby()).of(FIRST + SECOND)
                .runStock("update", Map.of())).hasMessageContaining("in a read-only transaction");
    }
}
