package dev.supportdb.support;

import java.sql.SQLException;

/**
 * An ordinary role of a test's own: it logs in, and has what the test grants it. When closed it is gone, with all that
 * it has and owns.
 *
 * @param owner    the database as its owner sees it
 * @param database the same as the role sees it
 */
public record TestRole(TestDatabase owner, TestDatabase database) implements AutoCloseable {

    /** @param what the end of its name, which begins with that of the database */
    public static TestRole in(TestDatabase database, String what) throws SQLException {
        String name = database.name() + "_" + what;
        database.execute("create role %s login password 'ordinary'".formatted(name));
        return new TestRole(database, new TestDatabase(database.name(), database.url(), name, "ordinary"));
    }

    public String name() {
        return database.username();
    }

    /** @param rights may name the role as {@code ROLE} */
    public TestRole with(String rights) throws SQLException {
        owner.execute(rights.replace("ROLE", name()));
        return this;
    }

    @Override
    public void close() throws SQLException {
        database.letGo();
        with("reassign owned by ROLE to current_user; drop owned by ROLE; drop role ROLE");
    }
}
