package dev.supportdb.chaos;

import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;

/**
 * Counts what backfills have written to tickets and customers: every row, by a sequence, which no rollback restores;
 * and every committed batch, in a table.
 *
 * @param written   the rows written
 * @param committed the rows of committed batches
 * @param largest   the rows of the largest committed batch
 */
record WriteCounter(long written, long committed, long largest) {

    /** The numbers that a sequence may skip after a crash. */
    static final int LEAP_OF_SEQUENCE = 32;

    static final String TABLES = """
            create schema chaos;
            create sequence chaos.written;
            create table chaos.batches (rows bigint not null);
            create function chaos.write_row() returns trigger language plpgsql as $$
            begin
                perform nextval('chaos.written');
                return new;
            end $$;
            create function chaos.write_batch() returns trigger language plpgsql as $$
            begin
                insert into chaos.batches select count(*) from written;
                return null;
            end $$;
            """;

    static final String TRIGGERS = """
            create trigger write_row before update on tickets for each row
                when (current_setting('supportdb.backfill', true) <> '') execute function chaos.write_row();
            create trigger write_row before update on customers for each row
                when (current_setting('supportdb.backfill', true) <> '') execute function chaos.write_row();
            create trigger write_batch after update on tickets referencing new table as written for each statement
                when (current_setting('supportdb.backfill', true) <> '') execute function chaos.write_batch();
            create trigger write_batch after update on customers referencing new table as written for each statement
                when (current_setting('supportdb.backfill', true) <> '') execute function chaos.write_batch();
            """;

    static WriteCounter of(TestDatabase database) throws SQLException {
        return new WriteCounter(
                database.count("select case when is_called then last_value else 0 end from chaos.written"),
                database.count("select sum(rows) from chaos.batches"),
                database.count("select max(rows) from chaos.batches"));
    }

    /** The number of rows that were written more than once. */
    long lost() {
        return written - committed;
    }
}
