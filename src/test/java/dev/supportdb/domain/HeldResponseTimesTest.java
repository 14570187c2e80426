package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An application that writes the response times itself finds after a rollback what it wrote, whenever that was. */
final class HeldResponseTimesTest {

    private static final MigrationState BEFORE = MigrationState.before("019_response_times");

    private static final String FEATURE =
            "select id from databasechangelog where id like '019%' order by orderexecuted";

    private static final String TIMES = """
            select concat_ws(' ', id, coalesce(first_response_time_seconds::text, '-'),
                coalesce(resolution_time_seconds::text, '-'))
            from tickets order by id
            """;

    /** Each on a ticket of its own, which nothing else has touched, and on one that has seen them all. */
    private static final List<String> WRITES = List.of(
            "update tickets set first_response_time_seconds = 7 where id = %1$d",
            "update tickets set resolution_time_seconds = 8 where id = %1$d",
            "update tickets set first_response_time_seconds = 9, resolution_time_seconds = null where id = %1$d",
            "update tickets set first_response_time_seconds = null where id = %1$d",
            "update tickets set resolved_at = created_at + interval '1 hour' where id = %1$d",
            "update tickets set created_at = created_at - interval '1 hour' where id = %1$d",
            "insert into ticket_comments (ticket_id, user_id, content) values (%1$d, 1, 'Hello')",
            """
            update tickets set resolution_time_seconds = 3600, resolved_at = created_at + interval '1 hour'
            where id = %1$d
            """,
            """
            insert into ticket_comments (ticket_id, user_id, created_at, content)
            select id, 1, created_at + interval '60 s', 'Hello' from tickets where id = %1$d;
            update tickets set first_response_time_seconds = 60 where id = %1$d
            """,
            "delete from tickets where id = %1$d",
            """
            insert into tickets (customer_id, subject, description, first_response_time_seconds)
            values (1, 'New', '', 5)
            """,
            "insert into tickets (customer_id, subject, description) values (1, 'New', '')",
            """
            insert into tickets (id, customer_id, subject, description, first_response_time_seconds)
            values (%1$d, 1, 'Not new', '', 5) on conflict do nothing
            """,
            """
            insert into tickets (id, customer_id, subject, description) values (%1$d, 1, 'Not new', '')
            on conflict (id) do update set resolution_time_seconds = 6
            """);

    private int ticket;

    @Test
    void whatever_was_written_is_there_after_the_rollback() throws Exception {
        try (TestDatabase migrated = Databases.at(BEFORE); TestDatabase untouched = Databases.at(BEFORE)) {
            List<TestDatabase> both = List.of(migrated, untouched);
            for (TestDatabase database : both) {
                database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(250) + """
                        update tickets set
                            first_response_time_seconds = nullif(id % 3, 0), resolution_time_seconds = nullif(id % 4, 0)
                        """);
            }
            List<String> before = migrated.texts(FEATURE);
            LiquibaseRunner migration = new LiquibaseRunner(MigrationState.head().of(migrated));
            while (!migrated.texts(FEATURE).contains("019_response_times-08-fill_response_times")) {
                migration.update(1);
                write(both);
            }
            assertThat(migrated.texts(TIMES)).isNotEqualTo(untouched.texts(TIMES));

            while (migrated.texts(FEATURE).size() > before.size()) {
                migration.rollback(1);
                write(both);
            }

            assertThat(migrated.texts(TIMES)).isEqualTo(untouched.texts(TIMES));
        }
    }

    private void write(List<TestDatabase> both) throws SQLException {
        for (String write : WRITES) {
            ticket++;
            for (TestDatabase database : both) {
                database.execute(write.formatted(ticket));
                database.execute(write.formatted(ticket % 2 == 0 ? 249 : 250));
            }
        }
    }
}
