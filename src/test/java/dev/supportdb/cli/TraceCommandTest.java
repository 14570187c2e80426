package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TraceCommandTest {

    @ParameterizedTest
    @CsvSource({
            "--rows=0,  at least one",
            "--max-lock=0,  at least one",
            "001:002:003,  A range is FROM:TO",
            "--sizes=missing.csv,  There is no file missing.csv. To create it:",
            "--sizes=pom.xml,  pom.xml has something else in line 1 than the header",
            "--sizes=no such.csv,  ./supportdb trace --sizes-query | psql --quiet \"$URL\" > 'no such.csv'",
    })
    void refuses_before_it_connects_what_it_cannot_trace(String option, String why) {
        CommandRun run = CommandRun.offline("trace", option);

        assertThat(run.output()).contains(why);
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void the_query_for_sizes_is_printed_for_psql() throws Exception {
        CommandRun run = CommandRun.offline("trace", "--sizes-query");

        assertThat(run.exitCode()).isZero();
        assertThat(run.output()).startsWith("copy (").endsWith(") to stdout with (format csv, header);\n");
    }

    @Test
    void what_is_pending_is_traced_and_the_target_left_alone() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("003_performance_indexes").withTickets(20))) {
            Snapshot before = database.snapshot();
            long history = database.count("select count(*) from databasechangelog");

            CommandRun run = CommandRun.on(database, "trace", "--rows=200", "--labels=reporting");

            assertThat(run.output())
                    .contains("Verdict   ", "009_reports-02-create_reports")
                    .doesNotContain("002_sla_fields-02");
            assertThat(database.snapshot()).isEqualTo(before);
            assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(history);
            assertThat(database.count("select count(*) from pg_database where datname like 'trace%'")).isZero();
        }
    }

    @Test
    void a_program_gets_what_lies_between_two_names() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            CommandRun run = CommandRun.on(database, "trace", "002:003", "--rows=200", "--json");

            assertThat(run.exitCode()).isZero();
            assertThat(run.output()).contains("{\"server\": ",
                            "\"id\": \"003_performance_indexes-03-create_priority_status_index\"",
                            "\"judgement\": \"fine\"", "create index concurrently ix_tickets_priority_status",
                            "\"inTransaction\": false, \"locks\": {\"public.tickets\": \"SHARE UPDATE EXCLUSIVE\"}")
                    .doesNotContain("004_satisfaction_surveys");
        }
    }

    @Test
    void nothing_pending_is_nothing_to_trace() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            CommandRun run = CommandRun.on(database, "trace", "--env=test", "--labels=!vector");

            assertThat(run.output()).contains(
                    "Nothing to trace. ./supportdb trace 008:016 --env=test --labels='!vector' traces");
            assertThat(run.exitCode()).isZero();
        }
    }
}
