package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each check that follows a trial finds what it looks for. */
final class PostconditionCheckTest {

    private ChaosServer lab;
    private ReferenceRun way;
    private TestDatabase database;

    @BeforeEach
    void go_undisturbed() throws Exception {
        lab = SmallCampaign.lab();
        way = lab.wayToTheHead();
        database = lab.copyOf(way.undisturbed());
    }

    @AfterEach
    void drop() throws SQLException {
        lab.drop(database);
    }

    @Test
    void nothing_is_found_where_nothing_is_wrong() throws Exception {
        assertThat(PostconditionCheck.atHead(database, way)).isEmpty();
    }

    /** The recount finds it, and the comparison does, too. */
    @Test
    void a_wrong_value_is_found() throws Exception {
        database.execute("""
                update tickets set agent_responses = agent_responses + 1 where id = (select min(id) from tickets)
                """);

        assertThat(PostconditionCheck.atHead(database, way)).hasSize(2)
                .anyMatch(finding -> finding.contains("comment counters"))
                .anyMatch(finding -> finding.contains("public.tickets"));
    }

    @Test
    void a_row_counted_twice_is_found() throws Exception {
        database.execute("update backfills set rows_done = rows_done + 1 where name = 'ticket_metrics'");

        assertThat(PostconditionCheck.atHead(database, way)).singleElement().asString().contains("ticket_metrics");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            range of keys;       insert into backfill_ranges (name, from_key, to_key) values ('ticket_metrics', 0, 9)
            unfinished backfill; update backfills set waiting_for = 'paused' where name = 'ticket_metrics'
            unfinished backfill; update backfills set requested_state = 'pause' where name = 'ticket_metrics'
            invalid index;       update pg_index set indisvalid = false where indexrelid = 'ix_tickets_status'::regclass
            """)
    void objects_left_in_the_database_are_found(String what, String sql) throws Exception {
        database.execute(sql);

        assertThat(PostconditionCheck.atHead(database, way)).anyMatch(finding -> finding.startsWith(what));
    }

    @Test
    void a_session_with_its_locks_is_found() throws Exception {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set application_name = 'support-db'");
            statement.execute("select pg_advisory_lock(1, 2)");
            statement.execute("select from tickets limit 1 for update");

            assertThat(PostconditionCheck.sessions(database)).singleElement().asString()
                    .contains("advisory ExclusiveLock", "relation RowShareLock tickets");
        }
    }

    @Test
    void rows_written_in_vain_are_counted() throws Exception {
        long before = WriteCounter.of(database).lost();
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set local supportdb.backfill = 'in_vain'");
            statement.execute("update tickets set subject = subject where id <= 3");
            connection.rollback();
        }
        assertThat(WriteCounter.of(database).lost() - before).isEqualTo(3);
    }

    @Test
    void values_that_a_rollback_did_not_restore_are_found() throws Exception {
        assertThat(PostconditionCheck.atStart(database, way)).singleElement().asString().contains("not as undisturbed");
    }
}
