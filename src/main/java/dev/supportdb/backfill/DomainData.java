package dev.supportdb.backfill;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The part of a proof that only the schema's own domain knows: the rows to try its changelog on, and what must hold of
 * the values that its backfills compute. Found by {@code META-INF/services}, one for all.
 */
public interface DomainData {

    /** A derived value, computed again from what it is derived from. Shares nothing with the fill it checks. */
    interface Recount {

        /** The promise that must hold, in a sentence. */
        String promise();

        /** The keys of at most ten rows that hold something else, smallest first; empty when the promise holds. */
        List<Long> wrongRows(Connection connection) throws SQLException;
    }

    static DomainData installed() {
        return ServiceLoader.load(DomainData.class).findFirst().orElseThrow();
    }

    /** The tag where the oldest data is complete and nothing has been built on it yet. */
    String start();

    /** The tags before which the demo rows are filled in, oldest first: what comes next derives values from them. */
    List<String> fillingPoints();

    /** All that must hold at the head. */
    List<? extends Recount> recounts();

    /**
     * SQL that fills one table, or one column of it, as soon as it is there; empty where the changelog alone fills it.
     *
     * @param dataSet in lower case
     * @param place   {@code table} or {@code table.column}
     */
    Optional<String> rows(String dataSet, String place);
}
