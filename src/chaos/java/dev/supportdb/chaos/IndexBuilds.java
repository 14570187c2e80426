package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import liquibase.exception.CommandExecutionException;

/** Broken off while it builds or drops an index, a migration leaves one that is not valid, and mends it. */
final class IndexBuilds {

    /**
     * The phases in which such a command waits for others, with the SQL that makes it wait and the sign that it does.
     */
    private enum Phase {

        WRITERS_BEFORE_BUILD(Work.BUILD, "lock table tickets in row exclusive mode",
                building("waiting for writers before build")),
        WRITERS_BEFORE_VALIDATION(Work.BUILD, "lock table tickets in row exclusive mode",
                building("waiting for writers before build"), building("waiting for writers before validation")),
        OLD_SNAPSHOTS(Work.BUILD, "select 1",
                building("waiting for old snapshots")),
        USERS_BEFORE_MARKING_DEAD(Work.DROP, "lock table tickets in access share mode",
                "select exists (select from pg_index where not indisvalid and indislive)"),
        USERS_BEFORE_DROPPING(Work.DROP, "lock table tickets in access share mode",
                "select exists (select from pg_index where not indisvalid and indislive)",
                "select exists (select from pg_index where not indislive)");

        private final Work work;
        private final String transaction;
        private final List<String> seen;

        /** @param seen for each of the others; one comes when the command waits for the one before, which then goes */
        Phase(Work work, String transaction, String... seen) {
            this.work = work;
            this.transaction = transaction;
            this.seen = List.of(seen);
        }

        private static String building(String phase) {
            return """
                    select exists (select from pg_stat_progress_create_index
                                   where datname = current_database() and phase = '%s')
                    """.formatted(phase);
        }

        /** An end of the transaction lets the command go on. */
        private Connection begin(TestDatabase database) throws SQLException {
            Connection connection = database.connect();
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(transaction);
            }
            return connection;
        }
    }

    /** The commands, with the changesets that begin with them, on the way forward and on the way back. */
    private enum Work {

        BUILD("005_ticket_priority_enum-06-create_priority_new_index",
                "005_ticket_priority_enum-13-drop_priority_old_index"),
        DROP("005_ticket_priority_enum-13-drop_priority_old_index",
                "005_ticket_priority_enum-06-create_priority_new_index");

        private final String forward;
        private final String back;

        Work(String forward, String back) {
            this.forward = forward;
            this.back = back;
        }
    }

    private record Trial(Phase phase, boolean back, Fault fault) {}

    private final ChaosServer lab;
    private final ReferenceRun way;
    private final Path folder;
    private final Map<List<Object>, TestDatabase> databases = new HashMap<>();

    IndexBuilds(ChaosServer lab, Path folder) throws SQLException, CommandExecutionException {
        this.lab = lab;
        this.way = lab.shortWay();
        this.folder = folder;
    }

    /** Interrupts the commands in each phase. */
    List<Result> breakOff() throws Exception {
        List<Trial> trials = trials(lab.campaign().random("indexes"));
        for (Trial trial : trials) {
            breakOff(trial);
        }
        for (TestDatabase database : databases.values()) {
            lab.drop(database);
        }
        return Result.of(Part.INDEX, trials.size(), "an invalid index each time");
    }

    private List<Trial> trials(Random random) {
        List<Fault> faults = List.of(new Fault.Kill(), Fault.Intervention.cancel(random),
                Fault.Intervention.terminate(random));
        List<Trial> all = new ArrayList<>(Stream.of(Phase.values())
                .flatMap(phase -> Stream.of(true, false)
                        .flatMap(back -> faults.stream().map(fault -> new Trial(phase, back, fault))))
                .toList());
        Collections.shuffle(all, random);
        return all.subList(0, Math.min(lab.campaign().indexes(), all.size()));
    }

    private void breakOff(Trial trial) throws Exception {
        TestDatabase database = lab.copyOf(databaseBefore(trial.phase().work, trial.back()));
        ReferenceRun.Stretch stretch = trial.back() ? way.back() : way.forward().get(0);

        runInto(trial, stretch, database);
        assertThat(database.texts("select indexrelid::regclass from pg_index where not indisvalid"))
                .as(trial.toString()).isNotEmpty();

        stretch.command().run(way.migration(database));
        assertThat(trial.back() ? PostconditionCheck.atStart(database, way) : PostconditionCheck.atEnd(database, way))
                .as(trial.toString()).isEmpty();
        lab.drop(database);
    }

    private void runInto(Trial trial, ReferenceRun.Stretch stretch, TestDatabase database) throws Exception {
        Path log = folder.resolve("log");
        Connection other = trial.phase().begin(database);
        try {
            Process process = MigrationProcess.start(database, way.from(), stretch.command(), Map.of(), log);
            FaultyRun.await(database, process, trial.phase().seen.get(0));
            for (String seen : trial.phase().seen.subList(1, trial.phase().seen.size())) {
                Connection next = trial.phase().begin(database);
                other.close();
                other = next;
                FaultyRun.await(database, process, seen);
            }
            assertThat(process.isAlive()).as("%s%n%s", trial, Files.readString(log)).isTrue();
            trial.fault().strike(process, database);
            assertThat(process.exitValue()).as(trial.toString()).isNotZero();
            assertThat(PostconditionCheck.sessionsThatStay(database)).isEmpty();
        } finally {
            other.close();
        }
        assertThat(Files.readString(log)).as(trial.toString()).containsPattern(trial.fault().lastWords());
    }

    /** The changeset that does the work is the next one. */
    private TestDatabase databaseBefore(Work work, boolean back) throws SQLException, CommandExecutionException {
        TestDatabase before = databases.get(List.of(work, back));
        if (before == null) {
            before = back ? lab.copyOf(way.undisturbed()) : lab.copy();
            List<String> all = executed(way.undisturbed());
            LiquibaseRunner migration = way.migration(before);
            if (back) {
                migration.rollback(all.size() - 1 - all.indexOf(work.back));
            } else {
                migration.update(all.indexOf(work.forward) - executed(before).size());
            }
            databases.put(List.of(work, back), before);
        }
        return before;
    }

    private static List<String> executed(TestDatabase database) throws SQLException {
        return database.texts("select id from databasechangelog order by orderexecuted");
    }
}
