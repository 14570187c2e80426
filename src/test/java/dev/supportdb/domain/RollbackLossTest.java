package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.supportdb.preflight.RefuseChange;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.Rehearsal;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.ColumnConfig;
import liquibase.change.core.DropColumnChange;
import liquibase.change.core.DropTableChange;
import liquibase.change.core.RawSQLChange;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data that only the new schema can hold is not lost without being named first. */
final class RollbackLossTest {

    private static final String BEFORE_EVERYTHING = "before-000_backfill_tables";

    /** The data that a rollback discards without a check, because it is derived, or bookkeeping of a migration. */
    private static final Set<String> DERIVED = Set.of(
            "backfills", "backfill_ranges", "old_shapes", "old_shape_writes", "ticket_priority_originals",
            "ticket_status_originals",
            "ticket_response_times_originals", "tickets.priority_new", "tickets.total_comments",
            "tickets.customer_responses", "tickets.agent_responses", "customers.computed_score");

    /** A row of the old shape, and what the tables around it need. */
    private static final String OLD_SHAPE = """
            insert into users (email, full_name) values ('ada@support.example', 'Ada');
            insert into customers (email, name, phone) values ('carl@example.com', 'Carl', '+49 1');
            insert into tickets (customer_id, subject, description) values (1, 'Printer', 'On fire');
            insert into ticket_comments (ticket_id, user_id, content) values (1, 1, 'Water?');
            """;

    /** @param loses what it is called */
    private record Write(String loses, String sql) {}

    /** The writes of an application that a rollback loses. */
    private static final List<Write> WRITES = List.of(
            new Write("users", "update users set full_name = 'Ada L.'"),
            new Write("customers", "update customers set name = 'Carl F.'"),
            new Write("tickets", "update tickets set description = 'Smoke'"),
            new Write("ticket_comments", "update ticket_comments set content = 'Fire brigade?'"),
            new Write("tickets.sla_deadline", "update tickets set sla_deadline = '2024-01-01'"),
            new Write("tickets.sla_violated", "update tickets set sla_violated = true"),
            new Write("tickets.resolution_time_seconds", "update tickets set resolution_time_seconds = 7"),
            new Write("tickets.first_response_time_seconds", "update tickets set first_response_time_seconds = 7"),
            new Write("satisfaction_surveys", """
                    insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at)
                    values (1, 1, 4, now())
                    """),
            new Write("tickets.satisfaction_rating", "update tickets set satisfaction_rating = 2"),
            new Write("tags", "insert into tags (name, color, created_at) values ('hot', '#f00', now())"),
            new Write("ticket_tags", """
                    insert into ticket_tags (ticket_id, tag_id, created_at) select 1, id, now() from tags
                    """),
            new Write("ticket_audit_log", "update tickets set status = 'CLOSED'"),
            new Write("reports", """
                    insert into reports (name, report_type, created_by) values ('Week', 'summary', 1)
                    """),
            new Write("scheduled_reports", """
                    insert into scheduled_reports (report_id, schedule_cron, recipients) select id, '0 6 * * 1', '[]'
                    from reports
                    """),
            new Write("tickets.resolution_notes", "update tickets set resolution_notes = 'Put out'"),
            new Write("tickets.category", "update tickets set category = 'technical'"),
            new Write("ticket_categories", "update ticket_categories set sla_hours = 1 where id = 3"),
            new Write("tickets.subcategory_id", "update tickets set subcategory_id = 4"),
            new Write("customer_contacts", """
                    update customer_contacts set is_verified = true where contact_type = 'phone'
                    """),
            new Write("customers.primary_contact_id", """
                    update customers set primary_contact_id =
                        (select id from customer_contacts where contact_type = 'phone')
                    """),
            new Write("customers.preferences", "update customers set preferences = '{\"beta\": true}'"),
            new Write("ticket_status_changes", """
                    insert into ticket_status_changes (ticket_id, new_status) values (1, 'CLOSED')
                    """),
            new Write("messages", """
                    insert into messages (customer_id, direction, channel, body)
                    values (1, 'inbound', 'email', 'Thanks')
                    """),
            new Write("messages.metadata", "update messages set metadata = '{\"spam\": false}'"),
            new Write("knowledge_base_articles", """
                    insert into knowledge_base_articles (title, slug, body) values ('Fire', 'fire', 'Use water')
                    """),
            new Write("messages.embedding", "update messages set embedding = array_fill(0.1, array[1536])::vector"),
            new Write("knowledge_base_articles.embedding", """
                    update knowledge_base_articles set embedding = array_fill(0.1, array[1536])::vector
                    """));

    /** The write in the second database. */
    private static final Write FACT = new Write("ticket_facts", """
            insert into ticket_facts (day, ticket_id, customer_id, status, priority, category)
            values ('2024-01-31', 1, 1, 'CLOSED', 'HIGH', 'technical')
            """);

    private TestDatabase database;
    private LiquibaseRunner migration;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(MigrationState.head());
        database.execute(OLD_SHAPE);
        // The audit log gets a row for each write to a ticket.
        database.execute("truncate ticket_audit_log");
        migration = new LiquibaseRunner(MigrationState.head().of(database));
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void data_that_the_old_shape_holds_goes_back_without_a_check() throws Exception {
        database.execute("update customers set email = 'carl@example.org', phone = '+49 2'");
        migration.rollbackTo("before-002_sla_fields");

        assertThat(database.text("select subject from tickets")).isEqualTo("Printer");
    }

    @TestFactory
    Stream<DynamicTest> a_rollback_refuses_to_lose() throws Exception {
        for (Write write : written()) {
            database.execute(write.sql());
        }
        Snapshot before = database.snapshot();
        String refusal = catchThrowable(() -> migration.rollbackTo(BEFORE_EVERYTHING)).getMessage();
        assertThat(before.differenceTo(database.snapshot())).isEmpty();

        migration.discarding().rollbackTo(BEFORE_EVERYTHING);
        assertNothingIsLeft(database);
        return written().stream().map(write -> dynamicTest(write.loses(),
                () -> assertThat(refusal).contains(" of " + write.loses() + " would be lost")));
    }

    /** The branch vector is not deployed here, and the times are computed from 019 on. */
    private static List<Write> written() {
        return WRITES.stream().filter(write -> !write.loses().matches(".*[.](embedding|.*_time_seconds)")).toList();
    }

    @Test
    void a_rollback_of_the_second_database_refuses_to_lose() throws Exception {
        try (TestDatabase analytics = Databases.empty()) {
            LiquibaseRunner second = new LiquibaseRunner(MigrationState.analytics(analytics));
            second.update();
            analytics.execute(FACT.sql());
            Snapshot before = analytics.snapshot();

            assertThatThrownBy(() -> second.rollbackTo("before-001_ticket_facts"))
                    .hasMessageContaining("1 row of " + FACT.loses() + " would be lost");
            assertThat(before.differenceTo(analytics.snapshot())).isEmpty();

            second.discarding().rollbackTo("before-001_ticket_facts");
            assertNothingIsLeft(analytics);
            second.update();
            second.rollbackTo("before-001_ticket_facts");
            assertNothingIsLeft(analytics);
        }
    }

    private static void assertNothingIsLeft(TestDatabase database) throws SQLException {
        assertThat(database.texts("select tablename from pg_tables where schemaname = 'public'"))
                .containsExactlyInAnyOrder("databasechangelog", "databasechangeloglock");
    }

    @Test
    void times_an_application_has_written_before_they_were_computed_are_asked_about() throws Exception {
        try (TestDatabase earlier = Databases.at(MigrationState.before("019_response_times"))) {
            earlier.execute(OLD_SHAPE);
            earlier.execute("update tickets set resolution_time_seconds = 7, first_response_time_seconds = 7");

            assertThatThrownBy(() -> new LiquibaseRunner(MigrationState.head().of(earlier))
                    .rollbackTo("before-002_sla_fields"))
                    .hasMessageContaining("1 row of tickets.resolution_time_seconds would be lost")
                    .hasMessageContaining("1 row of tickets.first_response_time_seconds would be lost");
        }
    }

    @Test
    void every_question_is_asked_above() throws Exception {
        Set<String> asked = changeSets().stream().flatMap(RollbackLossTest::refusals)
                .map(RefuseChange::getLoses).filter(loses -> loses != null).collect(Collectors.toSet());
        assertThat(Stream.concat(WRITES.stream(), Stream.of(FACT))).extracting(Write::loses)
                .containsExactlyInAnyOrderElementsOf(asked);
    }

    /**
     * A missing object, or one that differs from its definition, is lost as well: the next update creates it again.
     */
    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            ticket_categories;     delete from ticket_categories where id = 3
            ticket_categories;     update ticket_categories set category = 'technical' where id = 1
            customer_contacts;     delete from customer_contacts where contact_type = 'phone'
            customer_contacts;     update customers set primary_contact_id = null
            ticket_status_changes; update ticket_status_changes set changed_by = 'Ada'
            """)
    void a_rollback_refuses_to_bring_back(String loses, String write) throws Exception {
        database.execute("""
                insert into ticket_audit_log (ticket_id, action, old_value, new_value)
                values (1, 'status_changed', 'OPEN', 'CLOSED')
                """);
        database.execute("""
                insert into ticket_status_changes (id, ticket_id, old_status, new_status, changed_at)
                select md5('ticket_audit_log:' || id)::uuid, ticket_id, old_value, new_value,
                    changed_at at time zone 'UTC'
                from ticket_audit_log
                """);
        database.execute(write);

        assertThatThrownBy(() -> migration.rollbackTo("before-009_reports"))
                .hasMessageContaining(" of " + loses + " would be lost");
    }

    /** A feature added without a question is found here. */
    @Test
    void everything_a_rollback_drops_is_asked_about_or_derived() throws Exception {
        Set<String> unasked = new TreeSet<>();
        for (ChangeSet changeSet : changeSets()) {
            dropped(changeSet)
                    .filter(what -> refusals(changeSet).noneMatch(refusal -> what.equals(refusal.getLoses())))
                    .forEach(unasked::add);
        }
        assertThat(unasked).containsExactlyInAnyOrderElementsOf(DERIVED);
    }

    /** Returns the changesets of both databases. */
    private static List<ChangeSet> changeSets() throws Exception {
        List<ChangeSet> changeSets = new ArrayList<>();
        for (String changelog : List.of(Rehearsal.CHANGELOG, MigrationState.ANALYTICS)) {
            Changelog.read(Path.of(""), changelog, Map.of()).features()
                    .forEach(feature -> changeSets.addAll(feature.changeSets()));
        }
        return changeSets;
    }

    /** A row that comes between the first question and the lock is not dropped with the table. */
    @Test
    void a_table_is_asked_about_once_nobody_can_write_to_it() throws Exception {
        int tables = 0;
        for (ChangeSet changeSet : changeSets()) {
            for (Change change : changeSet.getRollback().getChanges()) {
                if (change instanceof DropTableChange drop && !DERIVED.contains(drop.getTableName())) {
                    tables++;
                    assertThat(steps(changeSet, drop.getTableName())).as(drop.getTableName())
                            .endsWith("lock", "ask", "drop");
                }
            }
        }
        assertThat(tables).isGreaterThan(10);
    }

    /** Returns what its rollback does to a table, in a word each. */
    private static List<String> steps(ChangeSet changeSet, String table) {
        List<String> steps = new ArrayList<>();
        for (Change change : changeSet.getRollback().getChanges()) {
            if (change instanceof RawSQLChange sql
                    && sql.getSql().matches("lock table .*\\b" + table + "\\b.* in access exclusive mode")) {
                steps.add("lock");
            } else if (change instanceof RefuseChange refusal && table.equals(refusal.getLoses())) {
                steps.add("ask");
            } else if (change instanceof DropTableChange drop && table.equals(drop.getTableName())) {
                steps.add("drop");
            }
        }
        return steps;
    }

    private static Stream<RefuseChange> refusals(ChangeSet changeSet) {
        return changeSet.getRollback().getChanges().stream().filter(RefuseChange.class::isInstance)
                .map(RefuseChange.class::cast);
    }

    private static Stream<String> dropped(ChangeSet changeSet) {
        return changeSet.getRollback().getChanges().stream().flatMap(RollbackLossTest::dropped);
    }

    private static Stream<String> dropped(Change change) {
        if (change instanceof DropTableChange table) {
            return Stream.of(table.getTableName());
        }
        if (change instanceof DropColumnChange column) {
            return (column.getColumnName() != null ? Stream.of(column.getColumnName())
                    : column.getColumns().stream().map(ColumnConfig::getName))
                    .map(name -> column.getTableName() + "." + name);
        }
        return Stream.of();
    }
}
