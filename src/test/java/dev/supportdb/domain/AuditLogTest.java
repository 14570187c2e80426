package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The audit log tells what became of a ticket, and who did it. */
final class AuditLogTest {

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(2) + "delete from ticket_audit_log;");
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void a_new_ticket_is_logged() throws SQLException {
        database.execute("insert into tickets (customer_id, subject, description) values (1, 'Third', 'Help')");

        assertThat(log()).containsExactly("3 created");
    }

    @Test
    void each_change_of_status_priority_and_assignment_is_logged() throws SQLException {
        database.execute("update tickets set status = 'IN_PROGRESS', assigned_user_id = 2 where id = 1");
        database.execute("update tickets set priority = 'urgent'");
        database.execute("update tickets set assigned_user_id = null where id = 1");

        assertThat(log()).containsExactlyInAnyOrder(
                "1 status_changed status OPEN -> IN_PROGRESS",
                "1 assigned assigned_user_id  -> 2",
                "1 priority_changed priority normal -> urgent",
                "2 priority_changed priority normal -> urgent",
                "1 assigned assigned_user_id 2 -> ");
    }

    @Test
    void an_agent_who_is_deleted_is_logged_as_no_longer_assigned() throws SQLException {
        database.execute("update tickets set assigned_user_id = 2 where id = 1; delete from ticket_audit_log");

        database.execute("delete from users where id = 2");

        assertThat(log()).containsExactly("1 assigned assigned_user_id 2 -> ");
    }

    @Test
    void an_application_cannot_pass_for_a_backfill() throws SQLException {
        String application = database.name() + "_application";
        database.execute("""
                create role %1$s;
                grant select, update on tickets to %1$s;
                """.formatted(application));
        try {
            database.execute("""
                    set supportdb.backfill = 'ticket_status';
                    set session authorization %s;
                    update tickets set status = 'CLOSED' where id = 1;
                    reset session authorization;
                    update tickets set status = 'CLOSED' where id = 2;
                    """.formatted(application));

            assertThat(log()).containsExactly("1 status_changed status OPEN -> CLOSED");
        } finally {
            database.execute("drop owned by %1$s; drop role %1$s".formatted(application));
        }
    }

    @Test
    void what_stays_as_it_was_is_not_logged() throws SQLException {
        database.execute("update tickets set status = 'OPEN', priority = 'normal', assigned_user_id = null");
        database.execute("update tickets set description = 'More', subject = 'Less', updated_at = now()");

        assertThat(log()).isEmpty();
    }

    @Test
    void the_trail_of_a_deleted_ticket_stays() throws SQLException {
        database.execute("update tickets set status = 'CLOSED' where id = 1");
        database.execute("delete from customers where id = 1");

        assertThat(log()).containsExactlyInAnyOrder("1 status_changed status OPEN -> CLOSED", "1 deleted", "2 deleted");
    }

    @Test
    void the_application_says_who_it_acts_for() throws SQLException {
        assertThat(userLoggedFor("1")).isEqualTo("1");
        assertThat(userLoggedFor("2")).isEqualTo("2");
    }

    @Test
    void an_actor_who_is_no_user_is_nobody_and_stops_nothing() throws SQLException {
        for (String actor : List.of("", " ", "ada", "-1", "3", "1.0", "1; drop", "99999999999999999999")) {
            assertThat(userLoggedFor(actor)).as(actor).isNull();
        }
    }

    @Test
    void an_actor_counts_for_one_transaction() throws SQLException {
        database.execute("""
                begin; set local app.user_id = '1'; update tickets set status = 'CLOSED' where id = 1; commit;
                begin; update tickets set status = 'CLOSED' where id = 2; commit;
                """);

        assertThat(database.texts("select user_id from ticket_audit_log order by ticket_id"))
                .containsExactly("1", null);
    }

    @Test
    void an_actor_who_is_deleted_leaves_the_entries() throws SQLException {
        userLoggedFor("2");

        database.execute("delete from users where id = 2");

        assertThat(database.texts("select user_id from ticket_audit_log")).containsExactly((String) null);
    }

    @Test
    void the_application_is_named() throws SQLException {
        database.execute("set application_name = 'help \"desk\"'; delete from tickets where id = 2");

        assertThat(database.text("select metadata ->> 'application_name' from ticket_audit_log"))
                .isEqualTo("help \"desk\"");
    }

    private String userLoggedFor(String actor) throws SQLException {
        database.execute("""
                update tickets set status = 'OPEN'; delete from ticket_audit_log;
                begin; set local app.user_id = '%s'; update tickets set status = 'CLOSED' where id = 1; commit;
                """.formatted(actor));
        return database.text("select user_id from ticket_audit_log");
    }

    private List<String> log() throws SQLException {
        return database.texts("""
                select concat_ws(' ', ticket_id, action, field_name,
                    case when field_name is not null then format('%s -> %s', old_value, new_value) end)
                from ticket_audit_log order by id
                """);
    }
}
