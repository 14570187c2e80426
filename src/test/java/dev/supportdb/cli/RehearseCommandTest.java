package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RehearseCommandTest {

    @ParameterizedTest
    @CsvSource({
            "--rows=0,  at least one",
            "--rows=-5,  at least one",
            "--dump=no_such.dump,  There is no file no_such.dump",
            "--dump=pom.xml --rows=5,  --rows is for a rehearsal without a copy",
            "--dump=pom.xml --max-seconds=5,  for a rehearsal without a copy",
            "--dump=pom.xml --max-lock=0,  at least one millisecond",
            "--max-seconds=0,  above 0",
            "--env=analytics,  the environment analytics has changelog/analytics.changelog-master.yaml",
    })
    void refuses_before_it_connects_what_it_cannot_rehearse(String option, String why) {
        CommandRun run = CommandRun.offline(("rehearse " + option).split(" "));

        assertThat(run.output()).contains(why);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void what_is_pending_on_a_dump_is_measured_there_and_no_value_of_its_rows_is_told(@TempDir Path folder)
            throws Exception {
        Path changelog = Files.createTempFile(Path.of("target"), "rehearsed", ".yaml");
        Files.writeString(changelog, """
                databaseChangeLog:
                  - changeSet:
                      id: 1-plain_index
                      author: test
                      comment: Find people by their mail
                      changes:
                        - sql: create index ix_people_mail on people (mail)
                      rollback:
                        - sql: drop index ix_people_mail
                """);
        try (TestDatabase database = Databases.empty()) {
            Path settings = Files.writeString(folder.resolve("copy.properties"), """
                    changeLogFile=%s
                    url=%s
                    contexts=test
                    """.formatted(changelog, database.url()));
            Path dump = Files.writeString(folder.resolve("prod.sql"), """
                    create table public.people (id integer not null, mail text);
                    copy public.people (id, mail) from stdin;
                    %s\\.
                    """.formatted("1\tcanary-mail\n".repeat(3000)));

            CommandRun run = CommandRun.on(database, "rehearse", "--settings=" + settings, "--dump=" + dump,
                    "--out=" + folder);

            assertThat(run.output()).contains("Verdict   1 of 1 changeset needs a decision: 1 blocking.")
                    .doesNotContain("canary");
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(Files.readString(folder.resolve("review.md")))
                    .contains("a copy of prod.sql with all of its rows", "people in SHARE mode while")
                    .contains("Expected there | **as here**", "create index concurrently ix_people_mail")
                    .doesNotContain("canary", "databasechangelog");
            assertThat(database.count("select count(*) from pg_class where oid >= 16384")).isZero();
        } finally {
            Files.delete(changelog);
        }
    }
}
