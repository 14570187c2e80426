package dev.supportdb.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.postgres.Sql;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ScratchDatabaseTest {

    /** A process that is killed has no time to drop it. */
    @Test
    void an_unused_scratch_database_is_dropped() throws Exception {
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

    /**
     * Objects in {@code template1} would look like drift, and a session connected to it would prevent the creation.
     */
    @Test
    void has_the_encoding_and_the_collation_of_the_one_beside_it_and_nothing_of_a_template() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            String name = database.name() + "_latin";
            database.execute("create database %s template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'"
                    .formatted(name));
            TestDatabase latin = beside(database, name);
            TestDatabase template = beside(database, "template1");
            template.execute("create table left_in_template1 ()");
            try (Connection connected = template.connect();
                    ScratchDatabase scratch = ScratchDatabase.beside(MigrationState.head().of(latin), "trial");
                    Connection connection = scratch.connect()) {
                assertThat(connected.isClosed()).isFalse();
                assertThat(Sql.text(connection, """
                        select concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datctype)
                        from pg_database where datname = current_database()
                        """)).isEqualTo("LATIN1 C C");
                assertThat(Sql.text(connection, "select to_regclass('left_in_template1')::text")).isNull();
            } finally {
                template.execute("drop table left_in_template1");
                template.letGo();
                latin.letGo();
                database.execute("drop database " + name);
            }
        }
    }

    private static TestDatabase beside(TestDatabase database, String name) {
        return new TestDatabase(name, database.url().replace("/" + database.name(), "/" + name), database.username(),
                database.password());
    }

    private static List<String> trials(TestDatabase database) throws SQLException {
        return database.texts("select datname from pg_database where datname ~ '^trial_' order by 1");
    }

    /** The session is like an autovacuum, which an ordinary role may not end by force either. */
    @Test
    void is_dropped_by_an_ordinary_role_while_a_session_of_another_is_about_to_end() throws Exception {
        try (TestDatabase database = Databases.empty();
                TestRole role = TestRole.in(database, "scratch").with("alter role ROLE createdb")) {
            ScratchDatabase scratch = ScratchDatabase.beside(MigrationState.head().of(role.database()), "trial");
            String name = scratch.target("test", null, 0).url().replaceFirst(".*/([^?]*).*", "$1");
            Connection other = DriverManager.getConnection(
                    scratch.target("test", null, 0).url(), database.username(), database.password());
            CompletableFuture<Void> end = CompletableFuture.runAsync(() -> {
                try {
                    Thread.sleep(1000);
                    other.close();
                } catch (InterruptedException | SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            scratch.close();
            end.join();

            assertThat(database.count("select count(*) from pg_database where datname = '%s'".formatted(name))).isZero();
        }
    }
}
