package dev.supportdb.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens another connection like its own: for a backfill with more than one worker. */
public interface ConnectionSource {

    /**
     * A new connection to the same database by the same role, its session prepared like the first one.
     *
     * @throws SQLException with what the server or the driver said, where none can be had
     */
    Connection reopen() throws SQLException;
}
