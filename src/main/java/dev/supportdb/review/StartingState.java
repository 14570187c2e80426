package dev.supportdb.review;

import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.SampleData;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import liquibase.exception.CommandExecutionException;

/** Brings an empty scratch database to where the changesets begin. */
public interface StartingState {

    /**
     * The resulting state.
     *
     * @param sentence the schema and the rows, for people
     * @param empty    the tables that stayed empty, with the reasons
     * @param makers   the file that created an object, by its name in the fingerprint, for files with later changesets
     */
    record Basis(String sentence, Map<String, String> empty, Map<String, String> makers) {

        Basis(String sentence, Map<String, String> empty) {
            this(sentence, empty, Map.of());
        }
    }

    /**
     * Creates the state.
     *
     * @param scratch    the empty database
     * @param connection to it, in auto-commit mode
     * @param rows       the number of rows for each table
     */
    Basis make(TargetDatabase scratch, Connection connection, long rows)
            throws SQLException, CommandExecutionException, IOException;

    /** The rows that are inserted as changesets create tables for them. */
    default SampleData data() {
        return SampleData.EMPTY;
    }

    /** Returns whether the rows are those of a database in use, so that no value may be shown. */
    default boolean isCopy() {
        return false;
    }
}
