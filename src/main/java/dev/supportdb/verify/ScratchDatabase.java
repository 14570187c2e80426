package dev.supportdb.verify;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import liquibase.exception.CommandExecutionException;

/**
 * A database to try something on, beside another one on its server; closed, it is gone with all that is in it. As long
 * as it is in use a lock bears its name, so that the next one takes away what a killed process has left.
 */
public final class ScratchDatabase implements AutoCloseable {

    /** Advisory locks are of the database they are taken in; whose they are can be seen from all of a server. */
    private static final String LEFT_BEHIND = """
            select datname from pg_database
            where datname ~ ? and not exists (
                select from pg_locks where locktype = 'advisory'
                    and (classid::bigint << 32 | objid::bigint) = hashtextextended(datname, 0))
            """;

    private static final String NOT_ALLOWED = "42501";

    /**
     * Makes it with the encoding and the collation of the database it is beside, from the one template that nobody can
     * have put anything into, and that nobody is connected to. The column of the locale has two names by version.
     */
    private static final String CREATE = """
            select format('create database %I template template0 encoding %L lc_collate %L lc_ctype %L ',
                ?::text, pg_encoding_to_char(encoding), datcollate, datctype)
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
    /** For who presses Ctrl-C. */
    private final Thread atExit = new Thread(this::dropAtExit);

    private ScratchDatabase(TargetDatabase server, String name, String url, Connection lock) {
        this.server = server;
        this.name = name;
        this.url = url;
        this.lock = lock;
    }

    /**
     * Creates it, empty.
     *
     * @param server a database of the server, and the changelog that is to be tried
     * @param what   the beginning of its name
     * @throws CommandExecutionException where the user may not create one, or there is no connection
     */
    public static ScratchDatabase beside(TargetDatabase server, String what) throws CommandExecutionException {
        DatabaseUrl url = DatabaseUrl.of(server.url(), "The URL of the server");
        // In containers, processes of one number are many.
        String name = "%s_%d_%08x".formatted(what, ProcessHandle.current().pid(), new Random().nextInt());
        Connection lock;
        try {
            lock = connect(server);
        } catch (SQLException e) {
            throw noServer(e);
        }
        ScratchDatabase scratch = new ScratchDatabase(server, name, url.withDatabase(name).jdbc(), lock);
        // Before there is anything to drop: whoever ends this process may do so as soon as there is.
        Runtime.getRuntime().addShutdownHook(scratch.atExit);
        try {
            removeLeftovers(lock, "^" + what + "_\\d+_[0-9a-f]{8}$");
            Sql.text(lock, "select pg_advisory_lock(hashtextextended(?, 0))", name);
            Sql.execute(lock, Sql.text(lock, CREATE, name));
        } catch (SQLException e) {
            scratch.forget();
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
                No scratch database can be created: %s
                SCRATCH_URL names the server for it; without, it is that of the database itself."""
                .formatted(why.getMessage()), why);
    }

    private static CommandExecutionException notAllowed(Connection connection, SQLException why) throws SQLException {
        return new CommandExecutionException(Sql.text(connection, """
                select format('User %1$s may not create a scratch database. Nothing has been changed. As a superuser run
                  alter role %1$I createdb;
                or name another server of the same major version, where one may be created and dropped again:
                  SCRATCH_URL=postgresql://user:password@host:port/postgres', current_user)
                """), why);
    }

    /** A server to make them on, for who only wants the databases. */
    public interface Server {
        ScratchDatabase create(String what) throws CommandExecutionException;
    }

    /** {@link #beside} for the same server each time. */
    public static Server on(TargetDatabase server) {
        return what -> beside(server, what);
    }

    private static void removeLeftovers(Connection connection, String names) throws SQLException {
        for (String left : Sql.texts(connection, LEFT_BEHIND, names)) {
            try {
                Sql.execute(connection, "drop database if exists " + left);
            } catch (SQLException e) {
                // Somebody looks at it, or it is another user's: not ours to take away.
            }
        }
    }

    /** The same changelog here, with so many demo rows where the contexts ask for it. */
    public TargetDatabase target(String contexts, String labels, long rows) {
        Map<String, String> parameters = new HashMap<>(server.parameters());
        parameters.put("demo.rows", Long.toString(rows));
        return new TargetDatabase(url, server.username(), server.password(), server.changelog(), contexts, labels,
                parameters);
    }

    /**
     * Builds here what the label filter chooses of the changelog, without demo data.
     *
     * @param failure what to say above the reason when it cannot be built
     * @throws LabelFilter.Refused where the filter itself is the reason
     */
    public void build(String failure) throws CommandExecutionException {
        try {
            new LiquibaseRunner(target("test", server.labels(), 0)).update();
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
        forget();
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // It finds nothing to drop.
        }
    }

    private void dropAtExit() {
        try {
            drop();
        } catch (SQLException e) {
            System.err.println("The database " + name + " is left behind: " + e.getMessage());
        }
    }

    /** By a connection of its own: that of the lock may have been cut off meanwhile. */
    private void drop() throws SQLException {
        try (Connection connection = connect(server)) {
            try {
                Sql.execute(connection, "drop database if exists " + name + " with (force)");
            } catch (SQLException e) {
                if (!NOT_ALLOWED.equals(e.getSQLState())) {
                    throw e;
                }
                // An ordinary role may not end an autovacuum by force. Without, the server ends it, or waits for 5 s.
                Sql.texts(connection, """
                        select pg_terminate_backend(pid) from pg_stat_activity
                        where datname = ? and usename = current_user
                        """, name);
                Sql.execute(connection, "drop database if exists " + name);
            }
        }
    }

    private static Connection connect(TargetDatabase server) throws SQLException {
        return LibpqVariables.connect(server.url(), server.username(), server.password());
    }
}
