package dev.supportdb.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * One way to fill the rows of a database. Its sessions have the name {@value #APPLICATION}, so that they can be found.
 */
interface FillStrategy {

    String APPLICATION = "support-db";

    /** The name in a table. */
    String name();

    /** Fills all rows and returns when that is committed. */
    Filled fill(BenchDatabase database) throws SQLException, IOException;

    /**
     * A fill that is done.
     *
     * @param started by the server's clock, as is {@code finished}
     * @param more what else there is to say, by names that carry their unit
     */
    record Filled(Instant started, Instant finished, Map<String, Double> more) {

        double seconds() {
            return Duration.between(started, finished).toNanos() / 1e9;
        }
    }
}
