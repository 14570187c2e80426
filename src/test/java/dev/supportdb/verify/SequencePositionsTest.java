package dev.supportdb.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

/** Sequences go back to where they were, also more of them than a statement can name. */
final class SequencePositionsTest {

    @Test
    void every_sequence_goes_back_to_its_position() throws Exception {
        try (TestDatabase database = Databases.empty(); Connection connection = database.connect()) {
            database.execute("""
                    do $$ begin
                        for i in 1..1700 loop execute 'create sequence "of ' || i || '" start ' || i; end loop;
                    end $$;
                    select nextval('"of 7"');
                    """);
            SequencePositions before = SequencePositions.of(connection);
            database.execute("select setval(oid::regclass, 5000) from pg_class where relkind = 'S'; drop sequence \"of 8\"");

            before.restore(connection);

            SequencePositions after = SequencePositions.of(connection);
            assertThat(before.positions()).hasSize(1700).containsAllEntriesOf(after.positions())
                    .containsEntry("public.\"of 7\"", new SequencePositions.Position(7, true))
                    .containsEntry("public.\"of 9\"", new SequencePositions.Position(9, false));
            assertThat(after.positions()).hasSize(1699);
        }
    }
}
