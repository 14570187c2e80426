package dev.supportdb.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Names the blocking session, as an ordinary role: the server hides state and age of the sessions of others. */
final class LockRetryTest {

    private static final SQLException NO_LOCK = new SQLException("canceling statement", "55P03");

    private TestDatabase database;
    private TestRole migrator;
    private TestRole application;

    @BeforeEach
    void create_roles() throws SQLException {
        database = Databases.empty();
        database.execute("create table t (a int); insert into t values (1)");
        migrator = TestRole.in(database, "migrator");
        application = TestRole.in(database, "application").with("grant select, insert on t to ROLE");
    }

    @AfterEach
    void drop() throws SQLException {
        application.close();
        migrator.close();
        database.close();
    }

    @Test
    void the_holder_of_the_lock_is_named_by_pid_application_and_user() throws SQLException {
        try (Connection holder = application.database().connect(); Statement statement = holder.createStatement()) {
            statement.execute("set application_name = 'web'");
            holder.setAutoCommit(false);
            statement.execute("select from t");

            assertThat(who()).contains((": pid %d (web, user %s) holds t "
                    + "(grant pg_read_all_stats to %s; shows its state and age)").formatted(holder.unwrap(PGConnection.class).getBackendPID(), application.name(),
                            migrator.name()));

            migrator.with("grant pg_read_all_stats to ROLE");
            pause();
            assertThat(who()).contains("(web, idle in transaction) holds t since ").doesNotContain("pg_read_all_stats");
        }
    }

    @Test
    void a_session_with_short_transactions_is_not_named_as_the_holder() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> busy = CompletableFuture.runAsync(() -> {
            try (Connection connection = application.database().connect();
                    Statement statement = connection.createStatement()) {
                while (!over.get()) {
                    statement.execute("begin; insert into t values (2); select pg_sleep(0.1); commit");
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            database.awaitThat("exists (select from pg_locks where relation = 't'::regclass)");
            assertThat(who()).doesNotContain("pid");
        } finally {
            over.set(true);
            busy.join();
        }
    }

    @Test
    void may_be_a_prepared_transaction() throws Exception {
        assumeThat(database.count("select current_setting('max_prepared_transactions')::int"))
                .as("max_prepared_transactions of the server").isPositive();
        application.database().execute("begin; insert into t values (3); prepare transaction 'a queue''s'");
        try {
            pause();
            assertThat(who()).contains(": the prepared transaction 'a queue''s' holds t since ");
        } finally {
            database.execute("rollback prepared 'a queue''s'");
        }
    }

    private String who() throws SQLException {
        try (Connection connection = migrator.database().connect()) {
            return new LockRetry(connection, line -> { }).reason(NO_LOCK);
        }
    }

    /** Longer than a transaction that is not worth a word. */
    private static void pause() throws SQLException {
        Pause.of(600);
    }
}
