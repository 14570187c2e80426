package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A server may be hardened: no function can be executed by the public unless somebody says so. An application that has
 * rights on its tables alone writes there as on any other server, after every changeset, forward and back.
 */
final class HardenedServerTrials {

    private static final String HARDEN = "alter default privileges revoke execute on functions from public";

    /** Tables an application knows. Those the changelog keeps for itself are none of them. */
    private static final String TABLES = """
            select string_agg(relname, ', ') from pg_class
            where relnamespace = 'public'::regnamespace and relkind = 'r' and relname in (
                'users', 'customers', 'tickets', 'ticket_comments', 'satisfaction_surveys', 'tags', 'ticket_tags',
                'ticket_categories', 'reports', 'scheduled_reports', 'customer_contacts', 'ticket_status_changes',
                'messages', 'knowledge_base_articles')
            """;

    private static final String HAS_ROWS =
            "select exists (select from databasechangelog where id = 'demo_data-02-load_demo_data')";

    private static final String TICKET = "(select min(id) from tickets)";
    private static final String COMMENT = "(select min(id) from ticket_comments where user_id is not null)";
    private static final String CUSTOMER = "(select min(id) from customers)";
    private static final String USER = "(select min(user_id) from ticket_comments)";
    private static final String NEW_TICKET =
            "insert into tickets (customer_id, subject, description%s) values (" + CUSTOMER + ", 's', 'd'%s)";

    /** All statements that write. Those that do not fit the current schema fail, for every role. */
    private static final List<String> STATEMENTS = List.of(
            "insert into users (email, full_name) values ('new@example.com', 'New')",
            "update users set full_name = 'Other' where id = " + USER,
            "delete from users where id = " + USER,
            "insert into customers (email, name, phone) values ('new@example.com', 'New', '1')",
            "update customers set email = 'other@example.com', phone = '2' where id = " + CUSTOMER,
            "update customers set preferences = '{\"a\": 1}' where id = " + CUSTOMER,
            "delete from customers where id = " + CUSTOMER,
            NEW_TICKET.formatted("", ""),
            NEW_TICKET.formatted(", status, priority", ", 'working', 'urgent'"),
            NEW_TICKET.formatted(", status, priority", ", 'escalated', 'low'"),
            NEW_TICKET.formatted(", status, priority", ", 'CLOSED', 'low'"),
            NEW_TICKET.formatted(", priority", ", 'P1'"),
            NEW_TICKET.formatted(", priority_new", ", 'high'"),
            NEW_TICKET.formatted(", first_response_time_seconds, resolution_time_seconds", ", 1, 2"),
            NEW_TICKET.formatted(", category", ", 'billing'"),
            "update tickets set status = 'fixed' where id = " + TICKET,
            "update tickets set status = 'done'",
            "update tickets set status = 'RESOLVED', resolved_at = now() where id = " + TICKET,
            "update tickets set status = 'OPEN'; update tickets set status = 'CLOSED'",
            "update tickets set priority = 'urgent'; update tickets set priority = 'low'",
            "update tickets set priority_new = 'urgent'",
            "update tickets set subject = 'Other', description = 'Other' where id = " + TICKET,
            "update tickets set created_at = now() where id = " + TICKET,
            "update tickets set assigned_user_id = " + USER,
            "update tickets set first_response_time_seconds = 1, resolution_time_seconds = 2",
            "update tickets set resolution_notes = 'Done', subcategory_id = 1 where id = " + TICKET,
            "delete from tickets where id = " + TICKET,
            "insert into ticket_comments (ticket_id, user_id, content) values (%s, %s, 'c')".formatted(TICKET, USER),
            "insert into ticket_comments (ticket_id, customer_id, content) select id, customer_id, 'c' from tickets",
            "update ticket_comments set content = 'Other', is_internal = not is_internal where id = " + COMMENT,
            "update ticket_comments set ticket_id = %s".formatted(TICKET),
            "delete from ticket_comments where id = " + COMMENT,
            """
            insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at)
            select id, customer_id, 3, now() from tickets on conflict do nothing
            """,
            """
            insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at)
            select id, customer_id, 3, now() from tickets on conflict do nothing;
            update satisfaction_surveys set rating = 5;
            delete from satisfaction_surveys
            """,
            """
            insert into tags (name, color, created_at) values ('new', '#000000', now());
            insert into ticket_tags (ticket_id, tag_id, created_at)
            select min(t.id), min(g.id), now() from tickets t, tags g;
            update tags set color = '#ffffff';
            delete from tags
            """,
            "insert into reports (name, report_type, parameters, created_by, created_at) "
                    + "select 'r', 't', '{}', min(id), now() from users",
            "insert into customer_contacts (customer_id, contact_type, contact_value) "
                    + "values (%s, 'mobile', '3')".formatted(CUSTOMER),
            "update customer_contacts set is_verified = true; delete from customer_contacts",
            "insert into ticket_status_changes (ticket_id, new_status) values (%s, 'OPEN')".formatted(TICKET),
            """
            insert into messages (customer_id, direction, channel, body) select min(id), 'inbound', 'web', 'm'
            from customers;
            update messages set customer_id = (select max(id) from customers);
            delete from messages
            """,
            "insert into knowledge_base_articles (title, slug, body, category) values ('t', 's', 'b', 'billing')");

    /** The SQLSTATEs of an object that does not exist, or may not be used, at this moment. */
    private static final Set<String> NOT_NOW = Set.of("42P01", "42703", "23514", "22P02", "23502");

    private TestDatabase database;

    /** A role with privileges on tables only. */
    private String application;

    /** A role that may execute all functions as well, as on other servers. */
    private String other;

    @BeforeEach
    void create() throws SQLException {
        database = Databases.empty();
        application = database.name() + "_application";
        other = database.name() + "_other";
        database.execute("create role %s; create role %s".formatted(application, other));
        database.execute(HARDEN);
    }

    @AfterEach
    void drop() throws SQLException {
        database.execute("drop owned by %1$s, %2$s; drop role %1$s; drop role %2$s".formatted(application, other));
        database.close();
    }

    @Test
    void an_application_writes_after_every_changeset_forward_and_back() throws Exception {
        Writes writes = new Writes();
        LiquibaseRunner migration = new LiquibaseRunner(MigrationState.head().withTickets(30).of(database), Path.of(""),
                line -> { }, writes).discarding();

        migration.update();
        assertThat(writes.wrong).isEmpty();
        assertThat(writes.succeeded).containsAll(STATEMENTS);
        int forward = writes.changesets;
        assertThat(forward).isGreaterThan(130);

        writes.succeeded.clear();
        migration.rollbackTo("before-002_sla_fields");
        assertThat(writes.wrong).isEmpty();
        assertThat(writes.succeeded).containsAll(STATEMENTS);
        assertThat(writes.changesets).isGreaterThan(2 * forward - 20);
    }

    /** Triggers that run as the writer name nothing of a schema that the writer may not use. */
    @Test
    void an_application_writes_through_views_without_a_right_on_the_schema() throws Exception {
        Databases.migrate(database, MigrationState.head().labelled("!vector and !contract"));
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(2) + """
                create schema api;
                create view api.tickets as select * from tickets;
                create view api.ticket_comments as select * from ticket_comments;
                create view api.customers as select * from customers;
                revoke usage on schema public from public;
                grant usage on schema api to %1$s;
                grant select, insert, update, delete on all tables in schema api to %1$s;
                """.formatted(application));

        database.execute("""
                set session authorization %s;
                insert into api.tickets (customer_id, subject, description, status, priority)
                    values (1, 's', 'd', 'working', 'P1'), (1, 's', 'd', 'CLOSED', 'high');
                update api.tickets set priority = 'urgent', status = 'fixed', first_response_time_seconds = 1;
                update api.tickets set priority_new = 'low', status = 'OPEN';
                insert into api.ticket_comments (ticket_id, user_id, content) values (1, 1, 'c');
                update api.customers set email = 'other@example.com' where id = 1;
                delete from api.ticket_comments;
                delete from api.tickets;
                reset session authorization;
                """.formatted(application));

        assertThat(database.count("select count(*) from ticket_audit_log where action = 'deleted'")).isEqualTo(4);
    }

    /** The other way round: a right that is missing is noticed. */
    @Test
    void a_right_that_a_writer_lacks_is_found() throws Exception {
        Databases.migrate(database, MigrationState.before("005_ticket_priority_enum").withTickets(30));
        Writes writes = new Writes();
        writes.tryStatements("before");
        assertThat(writes.wrong).isEmpty();

        database.execute("""
                create function is_open(status text) returns boolean language sql immutable return status = 'open';
                create function reopen() returns trigger language plpgsql as 'begin return new; end';
                create trigger reopen before insert on tickets
                for each row when (is_open(new.status)) execute function reopen();
                """);
        writes.tryStatements("after");

        assertThat(writes.wrong).isNotEmpty().allSatisfy(wrong -> assertThat(wrong)
                .contains("after", "insert into tickets", "permission denied for function is_open"));
    }

    /** Tries all statements, each for itself, after every changeset; none is kept. */
    private final class Writes extends AbstractChangeExecListener {

        private final List<String> wrong = new ArrayList<>();
        private final Set<String> succeeded = new TreeSet<>();
        private int changesets;

        @Override
        public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database target, ExecType execType) {
            tryStatements("after " + changeSet.getId());
        }

        @Override
        public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database target) {
            tryStatements("after the rollback of " + changeSet.getId());
        }

        private void tryStatements(String when) {
            changesets++;
            try (Connection connection = database.connect()) {
                connection.setAutoCommit(false);
                String tables = Sql.text(connection, TABLES);
                if (!Sql.isTrue(connection, HAS_ROWS)) {
                    return;
                }
                Sql.execute(connection, """
                        grant select, insert, update, delete on %1$s to %2$s, %3$s;
                        grant execute on all functions in schema public to %3$s;
                        """.formatted(tables, application, other));
                Map<String, String> expected = results(connection, other);
                results(connection, application).forEach((statement, result) -> {
                    if (result.isEmpty()) {
                        succeeded.add(statement);
                    }
                    if (!result.equals(expected.get(statement))
                            || !result.isEmpty() && !NOT_NOW.contains(result.substring(0, 5))) {
                        wrong.add("%s: %s: %s".formatted(when, statement, result));
                    }
                });
                connection.rollback();
            } catch (SQLException e) {
                throw new IllegalStateException(when, e);
            }
        }

        /** Returns the result of each statement: empty, or an SQLSTATE and a message. */
        private Map<String, String> results(Connection connection, String role) throws SQLException {
            Map<String, String> results = new LinkedHashMap<>();
            Sql.execute(connection, "set local session authorization " + role);
            for (String statement : STATEMENTS) {
                Sql.execute(connection, "savepoint statement");
                try {
                    Sql.execute(connection, statement + "; set constraints all immediate");
                    results.put(statement, "");
                } catch (SQLException e) {
                    results.put(statement, "%s %s".formatted(e.getSQLState(), e.getMessage().split("\n", 2)[0]));
                }
                Sql.execute(connection, "rollback to statement");
            }
            Sql.execute(connection, "reset session authorization");
            return results;
        }
    }
}
