package dev.supportdb.chaos;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.chaos.MigrationProcess.Command;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.SampleData;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;

/**
 * A way forward and back again as it is when nothing goes wrong.
 *
 * @param from        where it begins, and ends in the end
 * @param original    a database that is there
 * @param start       what is in it
 * @param forward     what leads to its end
 * @param end         there
 * @param undisturbed a database that is there
 * @param back        what leads back to the start
 */
record ReferenceRun(MigrationState from, TestDatabase original, Snapshot start, List<Stretch> forward, Snapshot end,
        TestDatabase undisturbed, Stretch back) {

    /**
     * The record of one command. After it, rows are written from which later backfills derive values and which legacy
     * data lacks.
     *
     * @param rows how many rows each backfill writes, by its name, in the order in which they run
     * @param done when each changeset was done, in milliseconds since the first one began
     */
    record Stretch(Command command, Map<String, Long> rows, List<Long> done) {

        long millis() {
            return done.isEmpty() ? 0 : done.get(done.size() - 1);
        }
    }

    static final List<Command> TO_THE_HEAD = List.of(
            Command.updateTo("before-021_ticket_status_changes"),
            Command.updateTo("before-028_customer_score"),
            Command.UPDATE);

    static final List<Command> ALL_OF_IT = Stream.concat(
            Stream.of(Command.updateTo("before-005_ticket_priority_enum")), TO_THE_HEAD.stream()).toList();

    static final List<Command> THROUGH_ONE_FEATURE = List.of(Command.updateTo("before-006_ticket_status_values"));

    /** Goes it, with a copy of a database in the state it begins with. */
    static ReferenceRun of(DatabaseCopies lab, MigrationState from, TestDatabase original, List<Command> commands)
            throws SQLException, CommandExecutionException {
        TestDatabase database = lab.copyOf(original);
        Snapshot start = database.snapshot();
        List<Stretch> forward = new ArrayList<>();
        for (Command command : commands) {
            forward.add(go(from, database, command));
            database.fill(SampleData.DEMO);
        }
        ReferenceRun way = new ReferenceRun(from, original, start, List.copyOf(forward), database.snapshot(),
                lab.copyOf(database), go(from, database, Command.rollbackTo(from.tag())));
        lab.drop(database);
        return way;
    }

    private static Stretch go(MigrationState from, TestDatabase database, Command command)
            throws SQLException, CommandExecutionException {
        Watcher watcher = new Watcher(database);
        command.run(new LiquibaseRunner(from.of(database), Path.of(""), line -> { }, watcher));
        return new Stretch(command, watcher.rows, watcher.done);
    }

    /** Returns the runner for its commands. */
    LiquibaseRunner migration(TestDatabase database) {
        return new LiquibaseRunner(from.of(database));
    }

    /** The number of rows that each backfill writes on the way forward. */
    Map<String, Long> rows() {
        Map<String, Long> rows = new LinkedHashMap<>();
        forward.forEach(stretch -> rows.putAll(stretch.rows()));
        return rows;
    }

    private static final class Watcher extends AbstractChangeExecListener {

        private final Map<String, Long> rows = new LinkedHashMap<>();
        private final List<Long> done = new ArrayList<>();
        private final TestDatabase database;
        private long before;
        private long start;

        Watcher(TestDatabase database) throws SQLException {
            this.database = database;
            this.before = WriteCounter.of(database).committed();
        }

        @Override
        public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database liquibase, RunStatus status) {
            begin();
        }

        @Override
        public void willRollback(ChangeSet changeSet, DatabaseChangeLog changeLog, Database liquibase) {
            begin();
        }

        private void begin() {
            if (done.isEmpty()) {
                start = System.nanoTime();
            }
        }

        @Override
        public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database liquibase, ExecType execType) {
            record(changeSet);
        }

        @Override
        public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database liquibase) {
            record(changeSet);
        }

        private void record(ChangeSet changeSet) {
            done.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
            for (Change change : changeSet.getChanges()) {
                if (change instanceof CustomChangeWrapper custom
                        && custom.getCustomChange() instanceof Backfill backfill) {
                    recordRows(backfill.name());
                }
            }
        }

        /** Records the rows of a backfill. If it deletes its own record at the end, the counter of writes has them. */
        private void recordRows(String backfill) {
            try {
                long all = WriteCounter.of(database).committed();
                long recorded = database.count("select sum(rows_done) from backfills where name = '" + backfill + "'");
                long written = Math.max(recorded, all - before);
                if (written > 0) {
                    rows.put(backfill, written);
                }
                before = all;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
