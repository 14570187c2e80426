package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import org.junit.jupiter.api.Test;

/** A rollback a moment after the update, when no statistics are there yet of the contacts that were written. */
final class ContactsUndoTest {

    /** A table that fits into 8 MB may be read whole by each batch. */
    @Test
    void more_contacts_than_a_batch_may_read_are_undone_at_once() throws Exception {
        MigrationState before = MigrationState.before("018_customer_contacts");
        try (TestDatabase database = Databases.at(before)) {
            database.execute("""
                    insert into customers (email, name)
                    select i || repeat('x', 230) || '@example.com', 'Customer ' || i from generate_series(1, 30000) i
                    """);
            LiquibaseRunner migration = new LiquibaseRunner(before.of(database));
            migration.updateTo("before-019_response_times");
            assertThat(database.count("select pg_relation_size('customer_contacts')")).isGreaterThan(8 << 20);

            migration.rollbackTo("before-018_customer_contacts");

            assertThat(database.count("select count(*) from customers")).isEqualTo(30_000);
            assertThat(database.texts("select to_regclass('customer_contacts')::text")).containsOnlyNulls();
        }
    }
}
