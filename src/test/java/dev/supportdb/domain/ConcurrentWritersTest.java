package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.SampleData;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import org.junit.jupiter.api.Test;

/** Applications write while every backfill runs: a recount finds no wrong row, and no application sees an error. */
final class ConcurrentWritersTest {

    private static final String ALL = "!vector";
    private static final String EXPANSION = "!vector and !contract";

    private final long seed = new Random().nextLong();

    @Test
    void no_row_is_wrong_whatever_is_written_during_a_fill() throws Exception {
        System.out.println("Writers draw from seed " + seed);
        try (TestDatabase database = Databases.at(MigrationState.before("005_ticket_priority_enum").withTickets(10_000))) {
            // Keeps what the application wrote last, to compare with the result of the changelog.
            database.execute("""
                    create schema application;
                    create table application.tickets as select id, status, priority from tickets;
                    alter table application.tickets add primary key (id)
                    """);
            migrate(database, EXPANSION, "before-006_ticket_status_values", ApplicationStatements.OLD_TICKETS);
            assertNoneIsWrong(database, WRONG_PRIORITY_NEW);
            migrate(database, EXPANSION, "before-007_tags", ApplicationStatements.OLD_TICKETS);
            assertNoneIsWrong(database, WRONG_STATUS);
            migrate(database, ALL, "before-008_audit_log", ApplicationStatements.NEW_TICKETS);
            assertNoneIsWrong(database, WRONG_PRIORITY);
            assertNoneIsWrong(database, WRONG_STATUS);

            List<String> work = new ArrayList<>();
            migrate(database, ALL, "before-012_resolution_notes", work);
            database.fill(SampleData.DEMO);
            work.addAll(ApplicationStatements.CONVERSATIONS);
            work.addAll(ApplicationStatements.RESOLUTIONS);
            migrate(database, ALL, "before-015_satisfaction_rating", work);
            assertNoneIsWrong(database, DerivedValueRecount.STATUS, DerivedValueRecount.RESOLUTION_NOTES);
            work.addAll(ApplicationStatements.SURVEYS);
            migrate(database, ALL, "before-016_ticket_metrics", work);
            assertNoneIsWrong(database, DerivedValueRecount.SATISFACTION_RATING);
            migrate(database, ALL, "before-017_ticket_categories", work);
            assertNoneIsWrong(database, DerivedValueRecount.TICKET_METRICS);
            work.addAll(ApplicationStatements.CUSTOMERS);
            migrate(database, ALL, "before-019_response_times", work);
            assertNoneIsWrong(database, DerivedValueRecount.CONTACTS, DerivedValueRecount.PRIMARY_CONTACT);
            database.execute("update tickets set resolution_time_seconds = id, first_response_time_seconds = id");
            migrate(database, ALL, "before-020_customer_preferences", work);
            assertNoneIsWrong(database, DerivedValueRecount.RESPONSE_TIMES);
            migrate(database, ALL, "before-022_optional_customer_email", work);
            assertNoneIsWrong(database, WRONG_STATUS_CHANGES);
            migrate(database, ALL, "before-028_customer_score", List.of());
            database.fill(SampleData.DEMO);
            work.addAll(ApplicationStatements.MESSAGES);
            migrate(database, ALL, null, work);
            assertNoneIsWrong(database, DerivedValueRecount.values());
            assertThat(database.texts("select name from backfills where batches < 2")).isEmpty();
        }
    }

    /**
     * Shows why a batch locks its rows: with the lock a fill is right however often it runs, without it soon wrong.
     */
    @Test
    void without_the_row_lock_the_same_fill_is_wrong() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head().withTickets(500));
                ConcurrentWriters writers = new ConcurrentWriters(database, seed, ApplicationStatements.CONVERSATIONS);
                Connection connection = database.connect()) {
            database.execute("""
                    alter table tickets alter column total_comments drop not null,
                        alter column customer_responses drop not null, alter column agent_responses drop not null
                    """);
            connection.setAutoCommit(false);

            int tries = fillUntilWrong(connection, false, 2_000);
            assertThat(tries).as("fills without the lock until one was wrong").isPositive();
            assertThat(fillUntilWrong(connection, true, 5 * tries)).as("fills with the lock").isZero();
            assertThat(writers.failures()).isEmpty();
        }
    }

    /** The number of the first fill that was wrong, 0 when none was. */
    private static int fillUntilWrong(Connection connection, boolean lock, int most) throws SQLException {
        for (int fill = 1; fill <= most; fill++) {
            while (!fill(connection, lock)) {
                connection.rollback();
            }
            if (!DerivedValueRecount.TICKET_METRICS.wrongRows(connection).isEmpty()) {
                return fill;
            }
            connection.rollback();
        }
        return 0;
    }

    /** False when a deadlock came in between. */
    private static boolean fill(Connection connection, boolean lock) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("""
                    select from tickets order by id for no key update;
                    update tickets set total_comments = null, customer_responses = null, agent_responses = null
                    """);
            connection.commit();
            if (lock) {
                statement.execute("select from tickets order by id for no key update");
            }
            statement.execute("""
                    update tickets set total_comments = c.total, customer_responses = c.customers,
                        agent_responses = c.agents
                    from (select t.id, count(c.id) as total, count(c.customer_id) as customers,
                              count(c.user_id) as agents
                          from tickets t left join ticket_comments c on c.ticket_id = t.id group by t.id) c
                    where tickets.id = c.id
                    """);
            connection.commit();
            return true;
        } catch (SQLException e) {
            if (ConcurrentWriters.TRY_AGAIN.contains(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    /** Up to a tag, or to the head, while applications write; every fill on the way must have met some writes. */
    private void migrate(TestDatabase database, String labels, String tag, List<String> work) throws Exception {
        MigrationState state = MigrationState.head().withTickets(10_000).labelled(labels);
        if (work.isEmpty()) {
            new LiquibaseRunner(state.of(database)).updateTo(tag);
            return;
        }
        try (ConcurrentWriters writers = new ConcurrentWriters(database, seed, work)) {
            Fills fills = new Fills(writers);
            LiquibaseRunner migration = new LiquibaseRunner(state.of(database), Path.of(""), line -> { }, fills);
            if (tag == null) {
                migration.update();
            } else {
                migration.updateTo(tag);
            }
            writers.awaitEachOnce();
            writers.stop();
            System.out.printf("Up to %s: %d writes, %d tried again, during %s%n", tag == null ? "the head" : tag,
                    writers.committed(), writers.repetitions(), fills.writes);
            assertThat(writers.failures()).as("with seed %d before %s", seed, tag).isEmpty();
            assertThat(fills.writes).allSatisfy((fill, writes) -> assertThat(writes).as(fill).isPositive());
        }
    }

    /** Counts the writes that were committed while each backfill ran. */
    private static final class Fills extends AbstractChangeExecListener {

        final Map<String, Long> writes = new LinkedHashMap<>();
        private final ConcurrentWriters writers;
        private long before;

        Fills(ConcurrentWriters writers) {
            this.writers = writers;
        }

        @Override
        public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, RunStatus status) {
            before = writers.committed();
        }

        @Override
        public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ExecType execType) {
            if (changeSet.getLabels().toString().contains("backfill")) {
                writes.put(changeSet.getId(), writers.committed() - before);
            }
        }
    }

    private static void assertNoneIsWrong(TestDatabase database, DerivedValueRecount... recounts) throws SQLException {
        try (Connection connection = database.connect()) {
            for (DerivedValueRecount recount : recounts) {
                assertThat(recount.wrongRows(connection)).as(recount.promise()).isEmpty();
            }
        }
    }

    private static void assertNoneIsWrong(TestDatabase database, String wrongRows) throws SQLException {
        assertThat(database.texts(wrongRows + " limit 10")).as(wrongRows).isEmpty();
    }

    private static final String WRONG_PRIORITY_NEW = """
            select to_jsonb(t) || to_jsonb(a) from tickets t join application.tickets a using (id)
            where t.priority <> a.priority or t.priority_new::text is distinct from
                case when a.priority in ('low', 'normal', 'high', 'urgent') then a.priority else 'normal' end
            """;

    private static final String WRONG_PRIORITY = """
            select to_jsonb(t) || to_jsonb(a)
            from tickets t join application.tickets a using (id)
                left join ticket_priority_originals o on o.ticket_id = id
            where case when a.priority in ('low', 'normal', 'high', 'urgent') then t.priority::text <> a.priority
                else t.priority <> 'normal' or o.priority is distinct from a.priority end
            """;

    /** In the words of before 006, what has no inverse must be kept beside. */
    private static final String WRONG_STATUS = """
            select to_jsonb(t) || to_jsonb(a)
            from tickets t join application.tickets a using (id)
                left join ticket_status_originals o on o.ticket_id = id
            where t.status <> case
                    when a.status in ('open', 'new') then 'OPEN'
                    when a.status in ('in_progress', 'working') then 'IN_PROGRESS'
                    when a.status in ('pending', 'waiting', 'customer_reply') then 'WAITING_ON_CUSTOMER'
                    when a.status in ('resolved', 'fixed') then 'RESOLVED'
                    when a.status in ('closed', 'done') then 'CLOSED'
                    when a.status in ('OPEN', 'IN_PROGRESS', 'WAITING_ON_CUSTOMER', 'RESOLVED', 'CLOSED') then a.status
                    else 'OPEN' end
                or a.status not in ('open', 'in_progress', 'pending', 'resolved', 'closed')
                    and a.status not in ('OPEN', 'IN_PROGRESS', 'WAITING_ON_CUSTOMER', 'RESOLVED', 'CLOSED')
                    and o.status is distinct from a.status
            """;

    private static final String WRONG_STATUS_CHANGES = """
            select to_jsonb(l) from ticket_audit_log l
            where l.action = 'status_changed'
                and l.id <= (select upper_key from backfills where name = 'ticket_status_changes')
                and exists (select from tickets t where t.id = l.ticket_id)
                and not exists (select from ticket_status_changes c
                                where c.ticket_id = l.ticket_id and c.new_status = l.new_value
                                    and c.changed_at = l.changed_at at time zone 'UTC')
            """;
}
