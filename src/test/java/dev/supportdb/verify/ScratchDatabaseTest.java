package dev.supportdb.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScratchDatabaseTest {

    /** Of a process that was killed, which has no time to take it away. */
    @Test
    void what_nobody_uses_any_more_is_taken_away() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            TargetDatabase server = MigrationState.head().of(database);
            database.execute("create database trial_1_0123abcd");
            database.execute("create database trial_of_mine");
            try (ScratchDatabase inUse = ScratchDatabase.beside(server, "trial")) {
                List<String> before = trials(database);
                assertThat(before).hasSize(2).contains("trial_of_mine").doesNotContain("trial_1_0123abcd");

                try (ScratchDatabase another = ScratchDatabase.beside(server, "trial")) {
                    assertThat(trials(database)).hasSize(3).containsAll(before);
                    another.connect().close();
                    inUse.connect().close();
                }
                assertThat(trials(database)).isEqualTo(before);
            }
            assertThat(trials(database)).containsExactly("trial_of_mine");
            database.execute("drop database trial_of_mine");
        }
    }

    private static List<String> trials(TestDatabase database) throws SQLException {
        return database.texts("select datname from pg_database where datname ~ '^trial_' order by 1");
    }
}
