package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;

/**
 * A database with objects of other people in it, which goes forward and back. What a run refuses is taken away and
 * brought back by the statements of the refusal, as whoever reads it would.
 */
final class SharedDatabase implements AutoCloseable {

    private static final Pattern BLOCKS = Pattern.compile("Drop (?:them|it) before the run:\n\n(.*?)\n\n"
            + "(?:Create them|Add it) again after the run, [^:]*:\n\n(.*?)(?=\n\n?- |\\z)", Pattern.DOTALL);
    private static final Pattern REMEDIES =
            Pattern.compile("Each of these paragraphs allows the update; [^:]*:\n\n(.*?)(?=\n\n|\\z)", Pattern.DOTALL);

    /** The name of the new type, and the texts that the server writes because of it. */
    private static final Pattern TYPES = Pattern.compile(
            "::\"?[a-z_. ]+\"?(\\(\\d+\\))?(\\[\\])?|character varying(\\(\\d+\\))?"
                    + "|public\\.ticket_priority_enum|[()\\s]");

    private static final Map<String, List<String>> PLAIN = new HashMap<>();

    private final TestDatabase database;
    private final List<String> log = new ArrayList<>();

    private final List<String> missing = new ArrayList<>();

    /** The lines of the current run. */
    private final List<String> said = new ArrayList<>();

    private final Random random;
    private boolean changedByHand;

    /** @param random draws which runs are broken off and where; null for none */
    SharedDatabase(MigrationState state, Random random) throws SQLException, CommandExecutionException {
        this.database = Databases.at(state);
        this.random = random;
        database.execute("create function fired() returns trigger language plpgsql "
                + "as 'begin return coalesce(new, old); end'");
    }

    TestDatabase database() {
        return database;
    }

    /** The log for people. */
    String log() {
        return String.join("\n", log.size() > 40 ? log.subList(log.size() - 40, log.size()) : log);
    }

    /** Returns whether every removed object exists again, or whatever fits. */
    boolean isComplete() {
        return missing.isEmpty() && !changedByHand;
    }

    /** The statements that could not bring back where it is now what had to be taken away. */
    List<String> missing() {
        return missing;
    }

    /** Returns whether something had to be changed permanently: a publication that prevents updates of a table. */
    boolean isChangedByHand() {
        return changedByHand;
    }

    /** Returns whether the server takes it. */
    boolean make(String sql) {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            Sql.execute(connection, sql);
            connection.commit();
            log.add("made " + sql);
            return true;
        } catch (SQLException notThere) {
            return false;
        }
    }

    /** Goes to a state and brings back what had to be taken away; in the end all that is there is somebody's. */
    void go(MigrationState state, boolean forward) throws Exception {
        List<String> bring = new ArrayList<>(missing);
        missing.clear();
        List<String> gone = new ArrayList<>();
        int refused = 0;
        int broken = random == null ? 0 : random.nextInt(2);
        while (true) {
            said.clear();
            Snapshot before = database.snapshot();
            long history = database.count("select count(*) from databasechangelog");
            try {
                try {
                    run(state, forward, broken-- > 0);
                } finally {
                    said.stream().filter(line -> line.contains("again:\n"))
                            .forEach(line -> gone.addAll(statements(line.split("again:\n")[1])));
                }
                break;
            } catch (CommandExecutionException e) {
                if (!e.getMessage().contains("that the changelog has not created. Nothing has been")) {
                    if (broken == 0 && e.getMessage() != null) {
                        log.add("broken off: " + e.getMessage().lines().findFirst().orElse(""));
                        continue;
                    }
                    throw new AssertionError(log() + "\nstopped half-way: " + e.getMessage(), e);
                }
                assertThat(database.snapshot()).as("refused before its first change").isEqualTo(before);
                assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(history);
                if (++refused > 2) {
                    throw new AssertionError(log() + "\nrefused again: " + e.getMessage(), e);
                }
                broken++;
                bring.addAll(0, taken(e.getMessage()));
            }
        }
        log.add((forward ? "forward" : "back") + " to " + state.tag());
        bring.addAll(gone);
        for (String statement : bring) {
            try {
                database.execute(statement);
            } catch (SQLException e) {
                missing.add(statement);
                log.add("not brought back: " + statement + "\n    " + e.getMessage());
            }
        }
    }

    private List<String> taken(String message) throws SQLException {
        log.add("refused: " + message);
        List<String> bring = new ArrayList<>();
        Matcher blocks = BLOCKS.matcher(message);
        boolean found = false;
        while (blocks.find()) {
            found = true;
            database.execute(blocks.group(1));
            bring.addAll(statements(blocks.group(2)));
        }
        Matcher remedies = REMEDIES.matcher(message);
        while (remedies.find()) {
            found = true;
            changedByHand = true;
            database.execute(remedies.group(1));
        }
        assertThat(found).as(message).isTrue();
        return bring;
    }

    private static List<String> statements(String block) {
        List<String> statements = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        for (String line : block.lines().toList()) {
            statement.append(line).append('\n');
            String text = statement.toString();
            boolean body = text.split("\\$function\\$", -1).length % 2 == 0
                    || text.contains("BEGIN ATOMIC") && !text.contains("\nEND;");
            if (line.endsWith(";") && !body) {
                statements.add(text);
                statement.setLength(0);
            }
        }
        return statements;
    }

    private void run(MigrationState state, boolean forward, boolean breakOff) throws CommandExecutionException {
        LiquibaseRunner runner = new LiquibaseRunner(state.of(database), Path.of(""), said::add,
                breakOff ? new Breaker(random.nextInt(30), random.nextInt(4)) : new Breaker(Integer.MAX_VALUE, 0))
                .discarding();
        if (!forward) {
            runner.rollbackTo(state.tag());
        } else if (state.tag() == null) {
            runner.update();
        } else {
            runner.updateTo(state.tag());
        }
    }

    /** The lines that the changelog alone would not have made. */
    List<String> others(MigrationState state) throws SQLException, IOException, InterruptedException,
            CommandExecutionException {
        return SchemaLines.minus(lines(), plain(state));
    }

    List<String> lines() throws SQLException, IOException, InterruptedException {
        return SchemaLines.of(database);
    }

    private static synchronized List<String> plain(MigrationState state)
            throws SQLException, IOException, InterruptedException, CommandExecutionException {
        String key = String.valueOf(state.tag());
        if (!PLAIN.containsKey(key)) {
            try (SharedDatabase plain = new SharedDatabase(state, null)) {
                PLAIN.put(key, plain.lines());
            }
        }
        return PLAIN.get(key);
    }

    /** Returns the lines without the parts that another type changes. */
    static List<String> withoutTypes(List<String> lines) {
        return lines.stream().filter(line -> !line.matches(".*: length \\d+"))
                .map(line -> TYPES.matcher(line).replaceAll("")).sorted().collect(Collectors.toList());
    }

    @Override
    public void close() throws SQLException {
        database.close();
    }

    /** Ends the sessions of the run at one of its changesets, or a few milliseconds after it has begun. */
    private final class Breaker extends AbstractChangeExecListener {

        private final int after;
        private final int millis;
        private int seen;

        Breaker(int after, int millis) {
            this.after = after;
            this.millis = millis;
        }

        @Override
        public void willRun(ChangeSet changeSet, DatabaseChangeLog log, Database of, RunStatus status) {
            breakOff();
        }

        @Override
        public void willRollback(ChangeSet changeSet, DatabaseChangeLog log, Database of) {
            breakOff();
        }

        private void breakOff() {
            if (seen++ != after) {
                return;
            }
            Thread ending = new Thread(() -> {
                try {
                    Thread.sleep(millis);
                    database.execute("select pg_terminate_backend(pid) from pg_stat_activity "
                            + "where datname = current_database() and application_name = 'support-db'");
                } catch (SQLException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            ending.start();
            if (millis == 0) {
                try {
                    ending.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }
}
