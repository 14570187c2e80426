package dev.supportdb.backfill;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The part of a proof that depends on the schema: the rows on which to try the changelog, and the conditions for the
 * values that its backfills compute. A service, found by {@code META-INF/services}; there is one.
 */
public interface DomainData {

    /** A derived value, computed again from its sources with SQL that the backfill does not share. */
    interface Recount {

        /** The condition that must hold, in a sentence. */
        String promise();

        /** The keys of at most ten rows with a wrong value, smallest first. */
        List<Long> wrongRows(Connection connection) throws SQLException;
    }

    static DomainData installed() {
        return ServiceLoader.load(DomainData.class).findFirst().orElseThrow();
    }

    /** The tag at which the oldest data is complete and no later feature depends on it yet. */
    String start();

    /** The tags before which the demo rows are inserted, oldest first. Later features derive values from these rows. */
    List<String> fillingPoints();

    /** All conditions that must hold at the head. */
    List<? extends Recount> recounts();

    /**
     * SQL that fills one table or one column as soon as it exists; empty if the changelog alone fills it.
     *
     * @param dataSet in lower case
     * @param place   {@code table} or {@code table.column}
     */
    Optional<String> rows(String dataSet, String place);
}
