package dev.supportdb.deploy;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/**
 * Roles without login, in place of roles that a backup names and a scratch server does not have. They are dropped when
 * they own nothing any more.
 *
 * @param connection a session of any database of the server, in auto-commit mode
 */
record StubRoles(Connection connection) implements AutoCloseable {

    private static final String COMMENT = "stands for a role while a backup of support-db is proven";

    /** Creates the missing roles. */
    void create(Collection<String> roles) throws SQLException {
        try {
            for (String role : roles) {
                if (!Sql.exists(connection, "select from pg_roles where rolname = ?", role)) {
                    for (String statement : List.of("create role %I nologin", "comment on role %I is %L",
                            "grant %I to current_user")) {
                        Sql.execute(connection, Sql.text(connection,
                                "select format('" + statement + "', ?::text, ?::text)", role, COMMENT));
                    }
                }
            }
        } catch (SQLException e) {
            throw new SQLException("The role of the scratch server may not create roles that stand for %s: %s"
                    .formatted(roles, e.getMessage()), e.getSQLState(), e);
        }
    }

    @Override
    public void close() throws SQLException {
        for (String role : Sql.texts(connection, """
                select format('drop role %I', rolname) from pg_roles
                where shobj_description(oid, 'pg_authid') = ?
                """, COMMENT)) {
            try {
                Sql.execute(connection, role);
            } catch (SQLException inUse) {
                // Another proof still uses the role, and drops it.
            }
        }
    }
}
