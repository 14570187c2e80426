package dev.supportdb.cli;

import dev.supportdb.postgres.Sql;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The databases of a test of several, in the order in which it adds them; dropped after it. */
final class FleetDatabases implements AfterEachCallback {

    private final List<TestDatabase> databases = new ArrayList<>();
    private final List<Connection> keepers = new ArrayList<>();

    TestDatabase add(FleetTrial fleet, String name, TestDatabase database) throws IOException {
        databases.add(database);
        fleet.target(name, database);
        return database;
    }

    TestDatabase get(int number) {
        return databases.get(number);
    }

    /** Returns the password of them all. */
    String password() {
        return get(0).password();
    }

    /** Connects to one as {@code keeper}, until {@link #letGo}. */
    void keep(TestDatabase database) throws SQLException {
        Connection keeper = database.connect();
        Sql.execute(keeper, "set application_name = 'keeper'");
        keepers.add(keeper);
    }

    void letGo() throws SQLException {
        for (Connection keeper : keepers) {
            keeper.close();
        }
    }

    @Override
    public void afterEach(ExtensionContext test) throws SQLException {
        letGo();
        for (TestDatabase database : databases) {
            database.close();
        }
    }
}
