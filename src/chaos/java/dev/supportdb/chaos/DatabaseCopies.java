package dev.supportdb.chaos;

import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;

/** Makes copies of databases on a server. */
interface DatabaseCopies {

    /** A new database like one to which nobody else is connected. */
    TestDatabase copyOf(TestDatabase original) throws SQLException;

    void drop(TestDatabase database) throws SQLException;
}
