package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** The history of statuses, which begins with copies and goes on with what applications write. */
final class TicketStatusChangesTest {

    /** The first question compares with the audit log, which takes too long to do it again under the lock. */
    @Test
    void a_row_written_between_the_check_and_the_lock_is_not_lost() throws Exception {
        MigrationState before = MigrationState.before("021_ticket_status_changes");
        try (TestDatabase database = Databases.at(before)) {
            database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(1) + "update tickets set status = 'CLOSED'");
            LiquibaseRunner migration = new LiquibaseRunner(before.of(database));
            migration.update(2);
            assertThat(database.count("select count(*) from ticket_status_changes")).isOne();
            migration.rollback(1);

            String script = migration.rollbackSql(1).replaceAll("(?m)^\\\\set .*$", "");
            int lock = script.indexOf("lock table");
            try (Connection rollback = database.connect(); Statement statement = rollback.createStatement()) {
                statement.execute(script.substring(0, lock));
                database.execute("insert into ticket_status_changes (ticket_id, new_status) values (1, 'OPEN')");
                assertThatThrownBy(() -> statement.execute(script.substring(lock)))
                        .hasMessageContaining("1 row of ticket_status_changes would be lost");
            }
            assertThat(database.text("select new_status from ticket_status_changes")).isEqualTo("OPEN");

            database.execute("delete from ticket_status_changes");
            migration.rollback(1);
            assertThat(database.text("select to_regclass('ticket_status_changes')")).isNull();
        }
    }
}
