package dev.supportdb.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.domain.SupportRecount;
import java.sql.Connection;
import java.sql.SQLException;

/** Asks for the derived values of a test's database whether they are right. */
public final class Recounts {

    private Recounts() {
    }

    /** Fails with the keys of the rows that do not hold what they must. */
    public static void assertRight(TestDatabase database, SupportRecount... recounts) throws SQLException {
        try (Connection connection = database.connect()) {
            for (SupportRecount recount : recounts) {
                assertThat(recount.wrongRows(connection)).as(recount.promise()).isEmpty();
            }
        }
    }
}
