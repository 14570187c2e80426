package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The URL is that of a database of another changelog: every command says so, also one that only looks. */
final class OtherDatabaseTest {

    @ParameterizedTest
    @CsvSource({"current, 0", "current --check, 1", "history, 0", "check, 1", "review, 2", "trace, 2", "upgrade, 1",
        "stamp heads, 1", "stamp heads --force, 1"})
    void a_database_of_another_changelog_is_named_and_left_alone(String command, int exitCode) throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("002_sla_fields"))) {
            Snapshot before = database.snapshot();

            CommandRun run = CommandRun.on(database, (command + " --env=analytics").split(" "));

            assertThat(run.output()).contains("This is the database of another changelog: ",
                    " has the history of changelog/db.changelog-master.yaml, and no changeset of ")
                    .doesNotContain("ahead of these files", "Nothing to decide");
            assertThat(run.exitCode()).isEqualTo(exitCode);
            assertThat(database.snapshot().differenceTo(before)).isEmpty();
        }
    }
}
