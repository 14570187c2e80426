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
     * What was made.
     *
     * @param sentence the schema and the rows, for people
     * @param empty    the tables that stayed empty, and why
     * @param makers   the file that made an object, by the name of the fingerprint, of files that go on after it
     */
    record Basis(String sentence, Map<String, String> empty, Map<String, String> makers) {

        Basis(String sentence, Map<String, String> empty) {
            this(sentence, empty, Map.of());
        }
    }

    /**
     * Makes it.
     *
     * @param scratch    the empty database
     * @param connection to it, in auto-commit mode
     * @param rows       how many there are to be in a table
     */
    Basis make(TargetDatabase scratch, Connection connection, long rows)
            throws SQLException, CommandExecutionException, IOException;

    /** The rows that are added as changesets make a place for them. */
    default SampleData data() {
        return SampleData.EMPTY;
    }

    /** Returns whether the rows are those of a database in use, of which no value may be told. */
    default boolean isCopy() {
        return false;
    }
}
