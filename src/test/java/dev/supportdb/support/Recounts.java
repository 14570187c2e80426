package dev.supportdb.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.domain.DerivedValueRecount;
import java.sql.Connection;
import java.sql.SQLException;

/** Asks for the derived values of a test's database whether they are right. */
public final class Recounts {

    private Recounts() {
    }

    /** Fails with the keys of the rows that do not hold what they must. */
    public static void assertRight(TestDatabase database, DerivedValueRecount... recounts) throws SQLException {
        try (Connection connection = database.connect()) {
            for (DerivedValueRecount recount : recounts) {
                assertThat(recount.wrongRows(connection)).as(recount.promise()).isEmpty();
            }
        }
    }
}
