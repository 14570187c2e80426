package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.postgres.Sql;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Triggers know a batch of a backfill by a setting that everybody can make. An application that makes it writes what it
 * would have written without.
 */
final class BackfillSettingTest {

    private static final String WRITES = """
            insert into tickets (id, customer_id, subject, description, status, priority, created_at,
                    first_response_time_seconds, resolution_time_seconds)
                values (1001, 1, 's', 'd', '%1$s', 'high', '2026-01-01', 1, 2);
            update tickets set status = '%1$s', priority = 'urgent', resolved_at = '2026-03-01', assigned_user_id = 1
                where id < 4;
            update tickets set first_response_time_seconds = 3, resolution_time_seconds = 4 where id in (2, 1001);
            insert into ticket_comments (id, ticket_id, user_id, content, created_at)
                values (1001, 1, 1, 'a', '2026-02-01'), (1002, 2, 2, 'b', '2026-02-01');
            update ticket_comments set ticket_id = 3 where id = 1002;
            update customers set email = 'other@example.com' where id = 1;
            insert into satisfaction_surveys (id, ticket_id, customer_id, rating, survey_sent_at)
                values (1001, 1, 1, 4, '2026-04-01');
            delete from tickets where id = 4;
            delete from users where id = 2;
            set constraints all immediate;
            """;

    /** All rows, except for keys that were drawn and the time of day. */
    private static final String ROWS = """
            select to_jsonb(t) - 'updated_at' from tickets t
            union all select to_jsonb(c) from ticket_comments c
            union all select to_jsonb(a) - 'id' - 'changed_at' from ticket_audit_log a
            union all select to_jsonb(k) - 'id' - 'created_at' from customer_contacts k
            union all select to_jsonb(o) from ticket_response_times_originals o
            union all select to_jsonb(s) from ticket_status_originals s
            order by 1
            """;

    private TestDatabase database;

    @AfterEach
    void drop() throws SQLException {
        database.execute("drop owned by %1$s; drop role %1$s".formatted(application()));
        database.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"!vector and !contract", "!vector"})
    void an_application_gains_nothing_by_it(String labels) throws Exception {
        create(labels);
        String status = labels.endsWith("!contract") ? "working" : "IN_PROGRESS";
        List<String> expected = rowsAfterWrites(status, "");
        assertThat(expected).hasSizeGreaterThan(10);

        List<String> settings = settings();
        assertThat(settings).contains("ticket_status", "undo ticket_status", "undo response_times", "anything");
        for (String setting : settings) {
            assertThat(rowsAfterWrites(status, setting)).as(setting).isEqualTo(expected);
        }
    }

    /** A pool that logs in as somebody else gives nothing away by taking the application's role. */
    @Test
    void a_role_that_was_set_is_the_one_that_counts() throws Exception {
        create("!vector");

        assertThat(rows("set local role " + application(), "IN_PROGRESS", "undo response_times"))
                .isEqualTo(rows("set local role " + application(), "IN_PROGRESS", ""));
    }

    /** The other way round: the same writes of an owner are taken for a backfill. */
    @Test
    void an_owner_is_believed() throws Exception {
        create("!vector");
        database.execute("create role %1$s_owner; grant %1$s_owner to %1$s; grant all on schema public to %1$s_owner"
                .formatted(application()));
        try {
            database.execute("alter table tickets owner to %s_owner".formatted(application()));

            assertThat(rowsAfterWrites("IN_PROGRESS", "undo response_times"))
                    .isNotEqualTo(rowsAfterWrites("IN_PROGRESS", ""));
        } finally {
            database.execute("""
                    alter table tickets owner to current_user;
                    drop owned by %1$s_owner; drop role %1$s_owner
                    """.formatted(application()));
        }
    }

    private void create(String labels) throws Exception {
        database = Databases.at(MigrationState.head().labelled(labels));
        database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(5) + """
                create role %1$s;
                grant select, insert, update, delete on users, customers, tickets, ticket_comments, satisfaction_surveys
                    to %1$s;
                """.formatted(application()));
    }

    private List<String> settings() throws SQLException {
        List<String> settings = new ArrayList<>(List.of("anything"));
        for (String name : database.texts("select name from backfills")) {
            settings.add(name);
            settings.add("undo " + name);
        }
        return settings;
    }

    private List<String> rowsAfterWrites(String status, String setting) throws SQLException {
        return rows("set local session authorization " + application(), status, setting);
    }

    /** Returns the rows after a role has written, which is rolled back. */
    private List<String> rows(String become, String status, String setting) throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            Sql.execute(connection, "set local supportdb.backfill = '%s'; %s".formatted(setting, become));
            Sql.execute(connection, WRITES.formatted(status));
            Sql.execute(connection, "reset role; reset session authorization");
            List<String> rows = Sql.texts(connection, ROWS);
            connection.rollback();
            return rows;
        }
    }

    private String application() {
        return database.name() + "_application";
    }
}
