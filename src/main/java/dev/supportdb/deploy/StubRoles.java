package dev.supportdb.deploy;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Set;

/**
 * Roles without login, in place of roles that a backup names and a scratch server does not have. They are dropped when
 * they own nothing any more.
 *
 * @param connection a session of any database of the server, in auto-commit mode
 */
record StubRoles(Connection connection) implements AutoCloseable {

    /** The role exists already, in two ways, or does not exist any more. */
    private static final Set<String> OF_ANOTHER_PROOF = Set.of("42710", "23505", "42704");

    private static final String COMMENT = "stands for a role while a backup of support-db is proven";

    /**
     * Creates the missing roles, and keeps all of them while the scratch database exists: another proof cannot drop a
     * role that has a privilege.
     */
    void create(Collection<String> roles, String scratchDatabase) throws SQLException {
        try {
            for (String role : roles) {
                while (!isKept(role, scratchDatabase)) {
                    // Another proof has created the role, or dropped it, at the same time.
                }
            }
        } catch (SQLException e) {
            throw new SQLException("The role of the scratch server may not create roles that stand for %s: %s"
                    .formatted(roles, e.getMessage()), e.getSQLState(), e);
        }
    }

    private boolean isKept(String role, String scratchDatabase) throws SQLException {
        try {
            if (!Sql.exists(connection, "select from pg_roles where rolname = ?", role)) {
                run("create role %1$I nologin; comment on role %1$I is %2$L; grant %1$I to current_user", role, COMMENT);
            }
            run("grant connect on database %2$I to %1$I", role, scratchDatabase);
            return true;
        } catch (SQLException e) {
            if (OF_ANOTHER_PROOF.contains(e.getSQLState())) {
                return false;
            }
            throw e;
        }
    }

    private void run(String statements, String role, String other) throws SQLException {
        Sql.execute(connection, Sql.text(connection, "select format(?, ?::text, ?::text)", statements, role, other));
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
