package dev.supportdb.verify;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.ExitHook;
import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.exception.CommandExecutionException;

/**
 * A temporary database, beside another one on its server; it is dropped when closed. An advisory lock on its name is
 * held while it is in use, so that the next run drops databases that a killed process has left.
 */
public final class ScratchDatabase implements AutoCloseable {

    /**
     * Selects scratch databases without an owner. An advisory lock belongs to the database it is taken in, and is
     * visible from every database of a server.
     */
    private static final String LEFT_BEHIND = """
            select datname from pg_database
            where datname ~ ? and not exists (
                select from pg_locks where locktype = 'advisory'
                    and (classid::bigint << 32 | objid::bigint) = hashtextextended(datname, 0))
            """;

    private static final String NOT_ALLOWED = "42501";

    /**
     * The encoding and the collation of a database, and template0: nobody can have added anything to it, and nobody is
     * connected to it. The locale's column has two names, depending on the version.
     */
    private static final String SETTINGS = """
            select format('template template0 encoding %L lc_collate %L lc_ctype %L ',
                pg_encoding_to_char(encoding), datcollate, datctype)
                || case datlocprovider when 'c' then 'locale_provider libc'
                    when 'i' then format('locale_provider icu icu_locale %L', locale)
                    else format('locale_provider builtin builtin_locale %L', locale) end
            from (select *, coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') as locale
                from pg_database d where datname = current_database()) beside
            """;

    private final TargetDatabase server;
    private final String name;
    private final String url;
    private final Connection lock;
    /**
     * Drops the database when the process is interrupted. Registered before the database exists, because the process may
     * be ended at any time after that.
     */
    private final ExitHook atExit;

    private ScratchDatabase(TargetDatabase server, String name, String url, Connection lock) {
        this.server = server;
        this.name = name;
        this.url = url;
        this.lock = lock;
        this.atExit = new ExitHook(this::dropAtExit);
    }

    /**
     * Creates an empty scratch database.
     *
     * @param server a database of the server, and the changelog to try
     * @param what   the beginning of its name
     * @throws CommandExecutionException if the user may not create one, or there is no connection
     */
    public static ScratchDatabase beside(TargetDatabase server, String what) throws CommandExecutionException {
        return create(server, what, ScratchDatabase::settings);
    }

    /** Returns the argument of {@link #like} for a database with the encoding and the collation of this one. */
    public static String settings(Connection connection) throws SQLException {
        return Sql.text(connection, SETTINGS);
    }

    /** Creates an empty scratch database with the {@link #settings} of a database that may be on another server. */
    public static ScratchDatabase like(String settings, TargetDatabase server, String what)
            throws CommandExecutionException {
        return create(server, what, lock -> settings);
    }

    /** Creates a copy, file by file, of a database on this server to which nobody is connected. */
    public static ScratchDatabase copyOf(String database, TargetDatabase server, String what)
            throws CommandExecutionException {
        return create(server, what, lock ->
                Sql.text(lock, "select format('template %I strategy file_copy', ?::text)", database));
    }

    private interface Creation {
        String settings(Connection lock) throws SQLException;
    }

    private static ScratchDatabase create(TargetDatabase server, String what, Creation creation)
            throws CommandExecutionException {
        DatabaseUrl url = DatabaseUrl.of(server.url(), "The URL of the server");
        // The pid alone is not unique: every container may have the same.
        String name = "%s_%d_%08x".formatted(what, ProcessHandle.current().pid(), new Random().nextInt());
        Connection lock;
        try {
            lock = server.connect();
            Sql.setNoTimeouts(lock);
        } catch (SQLException e) {
            throw noServer(e);
        }
        ScratchDatabase scratch = new ScratchDatabase(server, name, url.withDatabase(name).jdbc(), lock);
        try {
            removeLeftovers(lock, "^" + what + "_\\d+_[0-9a-f]{8}$");
            Sql.text(lock, "select pg_advisory_lock(hashtextextended(?, 0))", name);
            Sql.execute(lock, "create database " + name + " " + creation.settings(lock));
        } catch (SQLException e) {
            scratch.atExit.remove();
            try (lock) {
                throw NOT_ALLOWED.equals(e.getSQLState()) ? notAllowed(lock, e) : noServer(e);
            } catch (SQLException lost) {
                throw noServer(e);
            }
        }
        return scratch;
    }

    static CommandExecutionException noServer(SQLException why) {
        return new CommandExecutionException("""
                Cannot create a scratch database: %s
                It is created on the server of SCRATCH_URL, or if that is not set, on the server of the database."""
                .formatted(why.getMessage()), why);
    }

    private static CommandExecutionException notAllowed(Connection connection, SQLException why) throws SQLException {
        return new CommandExecutionException(Sql.text(connection, """
                select format('User %1$s may not create a scratch database. Nothing has been changed. As a superuser run
                  alter role %1$I createdb;
                or set another server of the same major version, where a database may be created and dropped:
                  SCRATCH_URL=postgresql://user:password@host:port/postgres', current_user)
                """), why);
    }

    public String name() {
        return name;
    }

    /** Returns this database as a target, with the changelog of its server. */
    public TargetDatabase target() {
        return server.at(url, server.username(), server.password());
    }

    /**
     * Renames the database so that it stays, and closes it. Nobody may be connected to it.
     *
     * @throws SQLException also if a database of that name exists
     */
    public void keepAs(String other) throws SQLException {
        Sql.execute(lock, Sql.text(lock, "select format('alter database %I rename to %I', ?::text, ?::text)", name,
                other));
        atExit.remove();
        lock.close();
    }

    /** Creates scratch databases on one server. */
    public interface Server {
        ScratchDatabase create(String what) throws CommandExecutionException;
    }

    /** Returns a server for {@link #beside}. */
    public static Server on(TargetDatabase server) {
        return what -> beside(server, what);
    }

    private static void removeLeftovers(Connection connection, String names) throws SQLException {
        for (String left : Sql.texts(connection, LEFT_BEHIND, names)) {
            try {
                Sql.execute(connection, "drop database if exists " + left);
            } catch (SQLException e) {
                // Another session is connected to it, or it belongs to another user: leave it.
            }
        }
    }

    /**
     * Returns this database as a target with these contexts and labels, and this many demo rows if the contexts ask for
     * them.
     */
    public TargetDatabase target(String contexts, String labels, long rows) {
        Map<String, String> parameters = new HashMap<>(server.parameters());
        parameters.put("demo.rows", Long.toString(rows));
        return new TargetDatabase(url, server.username(), server.password(), server.changelog(), contexts, labels,
                parameters);
    }

    /**
     * Builds the part of the changelog that the label filter selects, without demo data.
     *
     * @param failure  the message before the reason if it cannot be built
     * @param progress is told of every changeset
     * @throws LabelFilter.Refused if the filter itself is the reason
     */
    public void build(String failure, ChangeExecListener progress) throws CommandExecutionException {
        try {
            new LiquibaseRunner(target("test", server.labels(), 0), Path.of(""), line -> { }, progress).update();
        } catch (LabelFilter.Refused e) {
            throw e;
        } catch (CommandExecutionException e) {
            throw new CommandExecutionException(failure + "\n" + LiquibaseRunner.reason(e));
        }
    }

    public Connection connect() throws SQLException {
        return LibpqVariables.connect(url, server.username(), server.password());
    }

    @Override
    public void close() throws SQLException {
        try (lock) {
            drop();
        }
        atExit.remove();
    }

    private void dropAtExit() {
        try {
            drop();
        } catch (SQLException e) {
            System.err.println("Could not drop the scratch database " + name + ": " + e.getMessage());
        }
    }

    /** Drops with a new connection, because the connection with the lock may be lost. */
    private void drop() throws SQLException {
        try (Connection connection = server.connect()) {
            try {
                Sql.execute(connection, "drop database if exists " + name + " with (force)");
            } catch (SQLException e) {
                if (!NOT_ALLOWED.equals(e.getSQLState())) {
                    throw e;
                }
                // An ordinary role may not terminate an autovacuum. Without "force" the server ends it, or waits 5 s.
                Sql.texts(connection, """
                        select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = ? and usename = current_user
                        """, name);
                Sql.execute(connection, "drop database if exists " + name);
            }
        }
    }
}
