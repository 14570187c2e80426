package dev.supportdb.deploy;

import dev.supportdb.changelog.LiquibaseLogging;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.SequencePositions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;
import liquibase.exception.LockException;
import liquibase.lockservice.DatabaseChangeLogLock;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;

/**
 * A session of the database that is backed up. It holds the lock of migrations, so that the schema does not change, and
 * an exported snapshot, which ends with the session; so the session has no timeouts. Applications continue to write.
 */
final class SnapshotSession implements AutoCloseable {

    /**
     * Statements for psql, which takes the database's name as a variable, since a restored database has another name.
     */
    private static final String OUTSIDE_OF_DUMPS = """
            select format('alter database :"database" set %I = %s;', split_part(setting, '=', 1),
                quote_literal(substr(setting, strpos(setting, '=') + 1)))
            from pg_db_role_setting cross join unnest(setconfig) setting
            where setrole = 0 and setdatabase = (select oid from pg_database where datname = current_database())
            union all
            select format('alter role %I in database :"database" set %I = %s;', rolname, split_part(setting, '=', 1),
                quote_literal(substr(setting, strpos(setting, '=') + 1)))
            from pg_db_role_setting join pg_roles r on r.oid = setrole cross join unnest(setconfig) setting
            where setdatabase = (select oid from pg_database where datname = current_database())
            union all
            select 'revoke connect, temporary on database :"database" from public;'
            from pg_database where datname = current_database() and datacl is not null
            union all
            select format('grant %s on database :"database" to %s%s;', privilege_type,
                case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end,
                case when is_grantable then ' with grant option' else '' end)
            from pg_database cross join aclexplode(datacl) where datname = current_database() and grantee <> datdba
            union all
            select format('alter database :"database" owner to %I;', pg_get_userbyid(datdba))
            from pg_database where datname = current_database()
            """;

    private final Database database;
    private final Connection connection;
    private final SequencePositions first;
    private final String snapshot;
    private boolean isOpen = true;

    private SnapshotSession(Database database, Connection connection) throws SQLException {
        this.database = database;
        this.connection = connection;
        Sql.setNoTimeouts(connection);
        first = SequencePositions.of(connection);
        connection.commit();
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        snapshot = Sql.text(connection, "select pg_export_snapshot()");
    }

    /** @throws LockException if another run is migrating the database */
    static SnapshotSession open(TargetDatabase target) throws SQLException, LiquibaseException {
        LiquibaseLogging.off();
        Database database = LiquibaseRunner.open(target, Path.of(""));
        try {
            LockService lock = LockServiceFactory.getInstance().getLockService(database);
            if (!lock.acquireLock()) {
                throw new LockException("Another run migrates this database: %s. Nothing has been changed."
                        .formatted(Arrays.stream(lock.listLocks()).map(DatabaseChangeLogLock::getLockedBy)
                                .collect(Collectors.joining(", "))));
            }
            return new SnapshotSession(database, ((JdbcConnection) database.getConnection()).getUnderlyingConnection());
        } catch (SQLException | LiquibaseException e) {
            try (database) {
                throw e;
            }
        }
    }

    /** The name of the snapshot for other sessions. */
    String snapshot() {
        return snapshot;
    }

    int major() throws LiquibaseException {
        return database.getDatabaseMajorVersion();
    }

    Connection connection() {
        return connection;
    }

    /** The contents of the snapshot, with the positions of the sequences before it. */
    BackupContents contents() throws SQLException {
        BackupContents contents = BackupContents.of(connection);
        Map<String, BackupContents.Range> sequences = new TreeMap<>();
        first.positions().forEach((name, position) ->
                sequences.put(name, new BackupContents.Range(position, position)));
        return new BackupContents(contents.schema(), contents.data(), sequences, contents.roles());
    }

    /** The current positions of the sequences, which a snapshot does not stop. */
    SequencePositions positions() throws SQLException {
        return SequencePositions.of(connection);
    }

    /** Statements for what a dump does not contain: settings, owner and privileges of the database itself. */
    String outsideOfDumps() throws SQLException {
        return String.join("\n", Sql.texts(connection, OUTSIDE_OF_DUMPS)) + "\n";
    }

    /** Ends the snapshot and the lock before the session is closed. */
    void end() throws LiquibaseException {
        if (isOpen) {
            isOpen = false;
            database.close();
        }
    }

    @Override
    public void close() throws LiquibaseException {
        end();
    }
}
