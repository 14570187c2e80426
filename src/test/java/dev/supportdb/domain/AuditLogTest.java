package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        String role = application();
        if (database.count("select count(*) from pg_roles where rolname = '%s'".formatted(role)) > 0) {
            database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
        }
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
    void an_unchanged_value_is_not_logged() throws SQLException {
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
        assertThat(database.texts("select metadata ->> 'user_id' from ticket_audit_log")).containsExactly("2");
    }

    @Test
    void the_assignee_of_a_new_ticket_is_logged() throws SQLException {
        database.execute("""
                insert into tickets (customer_id, subject, description, assigned_user_id) values (1, 'Third', 'Help', 2);
                insert into tickets (customer_id, subject, description) values (1, 'Fourth', 'Help');
                update tickets set assigned_user_id = 1 where id = 4;
                delete from users where id = 2;
                """);

        assertThat(database.texts("""
                select concat_ws(' ', ticket_id, action, new_value, metadata ->> 'assigned_user_id')
                from ticket_audit_log order by id
                """)).containsExactly("3 created 2", "4 created", "4 assigned 1 1", "3 assigned");
    }

    @Test
    void the_application_is_named() throws SQLException {
        database.execute("set application_name = 'help \"desk\"'; delete from tickets where id = 2");

        assertThat(database.text("select metadata ->> 'application_name' from ticket_audit_log"))
                .isEqualTo("help \"desk\"");
    }

    @Test
    void the_user_of_the_session_is_named() throws SQLException {
        asApplication("update tickets set status = 'CLOSED' where id = 1");

        assertThat(database.text("select metadata ->> 'session_user' from ticket_audit_log")).isEqualTo(application());
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "update ticket_audit_log set user_id = 2",
            "update ticket_audit_log set new_value = 'OPEN' where id = 0",
            "delete from ticket_audit_log",
            "truncate ticket_audit_log",
            "truncate users, ticket_audit_log cascade",
            "insert into ticket_audit_log (id, ticket_id, action) select id, 1, 'x' from ticket_audit_log "
                    + "on conflict (id) do update set action = excluded.action",
            "merge into ticket_audit_log l using users u on u.id = l.user_id when matched then delete",
            "update log_for_the_application set action = 'x'"})
    void a_log_entry_cannot_be_changed_with_all_rights(String change) throws SQLException {
        userLoggedFor("1");
        database.execute("create view log_for_the_application as select * from ticket_audit_log");
        List<String> before = log();

        assertThatThrownBy(() -> asApplication(change)).isInstanceOf(SQLException.class)
                .hasMessageContaining("ticket_audit_log is append-only");

        assertThat(log()).isEqualTo(before);
    }

    @Test
    void an_application_appends_and_deletes_users() throws SQLException {
        userLoggedFor("2");

        asApplication("""
                insert into ticket_audit_log (ticket_id, action) values (1, 'exported');
                delete from users where id = 2
                """);

        assertThat(database.texts("select concat_ws(' ', action, user_id) from ticket_audit_log order by id"))
                .containsExactly("status_changed", "exported");
    }

    @Test
    void the_owner_may_clear_it() throws SQLException {
        database.execute("""
                create role %1$s_owner;
                grant %1$s_owner to %1$s;
                alter table ticket_audit_log owner to %1$s_owner;
                """.formatted(withApplication()));
        try {
            userLoggedFor("1");
            asApplication("delete from ticket_audit_log");

            assertThat(log()).isEmpty();
        } finally {
            database.execute("drop owned by %1$s_owner cascade; drop role %1$s_owner".formatted(application()));
        }
    }

    private String application() {
        return database.name() + "_application";
    }

    /** A role that has every right on the tables and owns none. */
    private String withApplication() throws SQLException {
        if (database.count("select count(*) from pg_roles where rolname = '%s'".formatted(application())) == 0) {
            database.execute("create role " + application());
        }
        database.execute("grant all on all tables in schema public to " + application());
        return application();
    }

    private void asApplication(String statements) throws SQLException {
        database.execute("set session authorization %s; %s".formatted(withApplication(), statements));
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
