package dev.supportdb.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens another connection like its own: for a backfill with more than one worker. */
public interface ConnectionSource {

    /**
     * Opens a new connection to the same database with the same role, its session prepared like the first one.
     *
     * @throws SQLException with the message of the server or the driver, if the connection cannot be opened
     */
    Connection reopen() throws SQLException;
}
