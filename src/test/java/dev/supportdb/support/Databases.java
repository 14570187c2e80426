package dev.supportdb.support;

import dev.supportdb.run.LiquibaseRunner;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import liquibase.exception.CommandExecutionException;

/**
 * Makes databases for tests, all on the one server of this JVM. A database is never shared:
 * <pre>{@code
 * try (TestDatabase database = Databases.at(State.head())) {
 *     database.execute("insert into tags (name) values ('urgent')");
 * }
 * }</pre>
 */
public final class Databases {

    /**
     * The settings of an empty database, independent of the server's: the data has letters that not every encoding
     * knows.
     */
    private static final String NOTHING = "template0 encoding 'UTF8' locale 'C'";

    private static final TestServer SERVER = TestServer.choose();

    /**
     * The strategy of a copy: if the server need not wait for the disk, copying files takes a third of the time that
     * the log takes.
     */
    private static final String STRATEGY = SERVER.outlivesTests() ? "" : " strategy file_copy";

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();
    private static final Map<MigrationState, TestDatabase> TEMPLATES = new HashMap<>();

    static {
        if (SERVER.outlivesTests()) {
            Runtime.getRuntime().addShutdownHook(new Thread(Databases::dropAll));
        }
    }

    private Databases() {
    }

    /** A new database with nothing in it. */
    public static TestDatabase empty() throws SQLException {
        return cloneOf(NOTHING);
    }

    /** A new database in a state: a copy of one that is migrated when a test first asks for that state. */
    public static TestDatabase at(MigrationState state) throws SQLException, CommandExecutionException {
        return cloneOf(template(state).name());
    }

    /** Creates a template. One at a time, because two runs of Liquibase in one JVM disturb each other. */
    private static synchronized TestDatabase template(MigrationState state)
            throws SQLException, CommandExecutionException {
        TestDatabase template = TEMPLATES.get(state);
        if (template == null) {
            template = cloneOf(furthestOnTheWayTo(state));
            migrate(template, state);
            TEMPLATES.put(state, template);
        }
        return template;
    }

    /** Finds the furthest template on the way, so that no feature is deployed twice for two templates. */
    private static String furthestOnTheWayTo(MigrationState state) {
        return TEMPLATES.keySet().stream()
                .filter(state::follows)
                .max(Comparator.comparing(MigrationState::tag))
                .map(other -> TEMPLATES.get(other).name())
                .orElse(NOTHING);
    }

    /** Brings a database to a state that is not behind the one it is in. */
    public static synchronized void migrate(TestDatabase database, MigrationState state)
            throws CommandExecutionException {
        LiquibaseRunner migration = new LiquibaseRunner(state.of(database));
        if (state.tag() == null) {
            migration.update();
        } else {
            migration.updateTo(state.tag());
        }
    }

    private static TestDatabase cloneOf(String template) throws SQLException {
        String name = "test_%d_%d".formatted(ProcessHandle.current().pid(), COUNT.incrementAndGet());
        execute("create database %s template %s%s".formatted(name, template, STRATEGY));
        NAMES.add(name);
        return new TestDatabase(name, SERVER.urlOf(name), SERVER.username(), SERVER.password());
    }

    static void drop(String name) throws SQLException {
        execute("drop database if exists " + name + " with (force)");
        NAMES.remove(name);
    }

    private static void dropAll() {
        for (String name : NAMES) {
            try {
                drop(name);
            } catch (SQLException e) {
                System.err.println("The tests leave the database " + name + " behind: " + e.getMessage());
            }
        }
    }

    private static void execute(String sql) throws SQLException {
        new TestDatabase("postgres", SERVER.url(), SERVER.username(), SERVER.password()).execute(sql);
    }
}
