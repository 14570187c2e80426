package dev.supportdb.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.postgres.Sql;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.PackagedServer;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The phase contract waits until no old application writes any more, as far as anybody can know. */
final class ContractGateTest {

    private static final MigrationState EXPANDED = MigrationState.head().labelled("!vector and !contract");
    private static final Duration DAY = Duration.ofDays(1);
    private static final String LONG_AGO = "update old_shapes set since = now() - interval '2 days'";
    private static final String TICKET = """
            insert into customers (email, name) values ('carl@example.com', 'Carl');
            insert into tickets (customer_id, subject, description, status) values (1, 's', 'd', '%s');
            """;

    @Test
    void the_gate_waits_until_no_old_write_is_recent() throws Exception {
        try (TestDatabase database = Databases.at(EXPANDED); Connection connection = database.connect()) {
            assertThat(errors(database, connection, DAY)).hasSize(2).first().asString()
                    .startsWith("An old application may still write tickets.priority (a text that the enum has no value "
                            + "for): nobody since ")
                    .contains("The phase contract of 005_ticket_priority_enum waits until that is 24h ago, or for "
                            + "--quiet-for=0");
            database.execute(LONG_AGO);
            assertThat(errors(database, connection, DAY)).isEmpty();

            database.execute("set application_name = 'desk 1.0';" + TICKET.formatted("working"));
            assertThat(errors(database, connection, DAY)).singleElement().asString().contains("tickets.status",
                    "desk 1.0 (user " + database.username() + ") at ");
            assertThat(errors(database, connection, Duration.ZERO)).isEmpty();

            database.execute("update old_shape_writes set seen_at = now() - interval '25 hours'");
            assertThat(errors(database, connection, DAY)).isEmpty();
        }
    }

    @Test
    void the_gate_names_what_is_unknown() throws Exception {
        try (TestDatabase database = Databases.at(EXPANDED); Connection connection = database.connect()) {
            database.execute(LONG_AGO + "; delete from old_shapes where feature = '012_resolution_notes'");

            assertThat(texts(database, connection, DAY)).containsExactly(
                    "Whether an old application still reads tickets.priority is unknown: this user sees no "
                            + "pg_stat_statements",
                    "Whether an old application still reads tickets.status is unknown: this user sees no "
                            + "pg_stat_statements",
                    "Whether an old application still uses what the phase contract of main/012_resolution_notes drops "
                            + "is unknown, because it does not declare the column: docs/phases.md");
        }
    }

    @Test
    void a_contract_in_one_go_with_earlier_phases_is_named() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("005_ticket_priority_enum"));
                Connection connection = database.connect()) {
            assertThat(texts(database, connection, DAY)).containsExactly("An old application does not survive the "
                    + "phase contract of main/005_ticket_priority_enum, main/006_ticket_status_values, "
                    + "main/012_resolution_notes, which runs in one go with the phases before it. While one runs: "
                    + "--phase=expand");
        }
        try (TestDatabase database = Databases.empty(); Connection connection = database.connect()) {
            assertThat(texts(database, connection, DAY)).isEmpty();
        }
    }

    @Test
    void statements_that_named_a_column_since_the_backfill_are_counted() throws Exception {
        assumeThat(PackagedServer.installed()).as("a packaged PostgreSQL is there").isPresent();
        try (PackagedServer server = PackagedServer.start()) {
            assumeThat(server.countsStatements()).as("pg_stat_statements is there").isTrue();
            TestDatabase database = server.create("counted");
            database.execute("create extension pg_stat_statements");
            Databases.migrate(database, MigrationState.before("007_tags").labelled("!vector and !contract"));
            database.execute(LONG_AGO + ";" + TICKET.formatted("OPEN"));
            try (Connection connection = database.connect()) {
                assertThat(texts(database, connection, DAY)).anyMatch(text -> text.contains("no deployment of the phase "
                        + "backfill has stored"));

                record(database, ContractGate.reads(connection));
                assertThat(texts(database, connection, DAY)).noneMatch(text -> text.contains("tickets.status"));

                for (int i = 0; i < 3; i++) {
                    Sql.texts(connection, "select subject from tickets where status = 'open'");
                }
                Sql.texts(connection, "select id from tickets");
                Sql.execute(connection, "alter table tickets alter column status set statistics 200");
                assertThat(texts(database, connection, DAY)).filteredOn(text -> text.contains("tickets.status"))
                        .singleElement().asString().contains("statements that name tickets.status have been called, 3 in all",
                                "Most often: select subject from tickets where status = $1");
            }
            database.letGo();
        }
    }

    private static void record(TestDatabase database, String reads) throws Exception {
        Instant now = Instant.now();
        new RunRecord(now, now, "", "", "", "", "", "", "", "done", 1, "", reads).write(target(database));
    }

    private static List<String> errors(TestDatabase database, Connection connection, Duration quietFor)
            throws Exception {
        return found(database, connection, quietFor).stream().filter(DeployEvent.Finding::error)
                .map(DeployEvent.Finding::text).toList();
    }

    private static List<String> texts(TestDatabase database, Connection connection, Duration quietFor)
            throws Exception {
        return found(database, connection, quietFor).stream().map(DeployEvent.Finding::text).toList();
    }

    private static List<DeployEvent.Finding> found(TestDatabase database, Connection connection, Duration quietFor)
            throws Exception {
        DatabaseState state = DatabaseState.of(target(database), Path.of(""));
        return new ContractGate(connection, quietFor, state.changelog())
                .findings(state.pending(), changeSet -> state.ran(changeSet).isPresent());
    }

    private static TargetDatabase target(TestDatabase database) {
        return MigrationState.head().labelled("!vector").of(database);
    }
}
