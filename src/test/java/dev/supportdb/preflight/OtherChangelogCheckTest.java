package dev.supportdb.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database of one changelog is not made one of another as well, by a URL that is not of the environment. */
final class OtherChangelogCheckTest {

    private static final MigrationState SUPPORT = MigrationState.before("002_sla_fields");

    private static void isLeftAlone(TestDatabase database, TargetDatabase asked, String has) throws Exception {
        LiquibaseRunner runner = new LiquibaseRunner(asked);
        Snapshot before = database.snapshot();
        String history = "select count(*) from databasechangelog";
        long rows = database.count(history);

        for (String command : List.of("update", "updateCount", "updateSql", "rollbackCount", "rollbackCountSql",
                "changelogSync", "changelogSyncSql", "markNextChangesetRan")) {
            assertThatThrownBy(() -> runner.run(command, Map.of("count", 1))).as(command)
                    .isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessageStartingWith(("This is the database of another changelog: %s has the history of %s, and "
                            + "no changeset of %s.").formatted(database.url(), has, asked.changelog()))
                    .hasMessageContaining("Nothing has been changed.").hasMessageContaining("-Denv=…")
                    .hasMessageContaining("--env=…").hasMessageContaining("ANALYTICS_DATABASE_URL");
        }

        assertThat(before.differenceTo(database.snapshot())).isEmpty();
        assertThat(database.count(history)).isEqualTo(rows);
    }

    @Test
    void the_support_database_is_not_made_the_analytics_database() throws Exception {
        try (TestDatabase database = Databases.at(SUPPORT)) {
            isLeftAlone(database, MigrationState.analytics(database), "changelog/db.changelog-master.yaml");
        }
    }

    @Test
    void the_analytics_database_is_not_made_the_support_database() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            LiquibaseRunner analytics = new LiquibaseRunner(MigrationState.analytics(database));
            analytics.update();
            isLeftAlone(database, SUPPORT.of(database), MigrationState.ANALYTICS);
            analytics.update();
        }
    }

    @Test
    void a_history_that_shares_a_file_or_is_of_no_master_beside_or_is_empty_is_not_in_the_way(@TempDir Path folder) throws Exception {
        try (TestDatabase database = Databases.empty()) {
            String first = TinyChangelog.changeSet("first", "", "create table a (id int)", "drop table a");
            TinyChangelog changelog = new TinyChangelog(folder, database).of(first);
            changelog.run("update", Map.of());
            database.execute("""
                    insert into databasechangelog select 'gone', author, 'gone.yaml', dateexecuted, 2, exectype, md5sum
                    from databasechangelog""");
            changelog.of(first + TinyChangelog.changeSet("more", "", "create table b (id int)", null))
                    .run("update", Map.of());

            database.execute("delete from databasechangelog where filename <> 'gone.yaml'; drop table a, b");
            changelog.run("update", Map.of());
            database.execute("delete from databasechangelog; drop table a, b");
            changelog.run("update", Map.of());
            assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);
        }
    }

    @Test
    void without_the_check_the_second_database_would_be_built_in_the_first(@TempDir Path folder) throws Exception {
        try (TestDatabase database = Databases.at(SUPPORT)) {
            new TinyChangelog(folder, database)
                    .of(TinyChangelog.changeSet("facts", "", "create table ticket_facts (id int)", null))
                    .runStock("update", Map.of());
            assertThat(database.count("select count(*) from ticket_facts")).isZero();
        }
    }
}
