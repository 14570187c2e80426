package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** The command as a person runs it: a process of its own. */
final class UpCommandTest {

    @Test
    void migrates_an_empty_database_and_then_has_nothing_to_do()
            throws IOException, InterruptedException, SQLException {
        try (TestDatabase database = Databases.empty()) {
            String url = CommandRun.url(database);
            String server = database.url().replaceFirst("jdbc:postgresql://", "").replaceFirst("[?].*", "");

            CommandRun first = CommandRun.of(url, "up", "--env=test", "--labels=!vector");

            assertThat(first.output()).containsPattern("Database  \\d+ changesets applied in \\d+\\.\\d s")
                    .contains("psql postgresql://" + database.username() + "@" + server)
                    .contains("make rollback ENV=test LABELS='!vector' COUNT=1")
                    .doesNotContain(":" + database.password() + "@", "Server ");
            assertThat(first.exitCode()).isZero();
            long deployed = database.count("select count(*) from databasechangelog");
            assertThat(first.output()).contains("%d changesets".formatted(deployed));

            CommandRun second = CommandRun.of(url, "up", "--env=test", "--labels=!vector");

            assertThat(second.output()).contains("Database  up to date, nothing to do");
            assertThat(second.exitCode()).isZero();
            assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(deployed);
        }
    }

    @Test
    void names_the_changeset_that_failed() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            database.execute("create table users (id integer)");

            CommandRun run = CommandRun.of(CommandRun.url(database), "up", "--env=test", "--labels=!vector");

            assertThat(run.output()).contains("changeset changelog/main/001_initial_schema.yaml::001_initial_schema-02",
                    "ERROR: relation \"users\" already exists").doesNotContain("Exception");
            assertThat(run.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void says_in_a_sentence_that_no_server_answers() throws IOException, InterruptedException {
        CommandRun run = CommandRun.of("postgresql://ann:secret@127.0.0.1:1/support", "up");

        assertThat(run.output()).contains("127.0.0.1:1").doesNotContain("secret", "\tat ", "Exception");
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void knows_misuse_from_failure() throws IOException, InterruptedException {
        assertThat(CommandRun.of("", "up", "--env=prod")).isEqualTo(new CommandRun(2,
                "There is no environment prod in contexts; there are: analytics, dev, production, staging, test\n"));
        assertThat(CommandRun.of("", "up", "--enviroment=dev").exitCode()).isEqualTo(2);
        assertThat(CommandRun.of("mysql://db/support", "up").exitCode()).isEqualTo(2);
    }
}
