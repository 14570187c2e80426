package dev.supportdb.review;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.verify.RollbackObserver;
import dev.supportdb.verify.ScratchDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;

/** Measures changesets as Liquibase runs them, each forward, back and forward again. */
final class MeasuredRun extends AbstractChangeExecListener {

    private static final String INDEXES = """
            select n.nspname || '.' || c.relname, pg_get_indexdef(c.oid)
            from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname !~ '^pg_'
            """;

    /** What was measured of a changeset. The fields are null where it did not come to that. */
    static final class Measured {

        private final ChangeSet changeSet;
        private PassTrace forward;
        private PassTrace back;
        private String notBack;
        private String notAgain;

        /** Definitions of the indexes it made, by name without the schema public. */
        private final Map<String, String> indexes = new TreeMap<>();

        private Measured(ChangeSet changeSet) {
            this.changeSet = changeSet;
        }

        ChangeSet changeSet() {
            return changeSet;
        }

        PassTrace forward() {
            return forward;
        }

        PassTrace back() {
            return back;
        }

        /** Why the rollback, or running it after that, failed. */
        String notBack() {
            return notBack;
        }

        /** Why it cannot be run a second time, after it has failed at its end. */
        String notAgain() {
            return notAgain;
        }

        Map<String, String> indexes() {
            return indexes;
        }
    }

    private final ScratchDatabase scratch;
    private final Connection connection;
    private final SessionWatch session;
    private final RollbackObserver proof;
    private final int count;
    private final Consumer<String> progress;
    private final Map<String, Measured> all = new LinkedHashMap<>();

    /** The file that made an object, by the name of the fingerprint. */
    private final Map<String, String> makers = new HashMap<>();
    private Map<String, String> indexes;

    MeasuredRun(ScratchDatabase scratch, Connection connection, SessionWatch session, RollbackObserver proof,
            int count, Consumer<String> progress) throws SQLException {
        this.scratch = scratch;
        this.connection = connection;
        this.session = session;
        this.proof = proof;
        this.count = count;
        this.progress = progress;
        this.indexes = indexes();
    }

    /** Those that have run, in their order. */
    Collection<Measured> all() {
        return all.values().stream().filter(measured -> measured.forward != null).toList();
    }

    RollbackObserver proof() {
        return proof;
    }

    /** The objects that a file has made, up to the end of the run. */
    Set<String> madeBy(ChangeSet changeSet) {
        return makers.entrySet().stream().filter(made -> made.getValue().equals(changeSet.getFilePath()))
                .map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    static String name(ChangeSet changeSet) {
        return changeSet.toString(false);
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, RunStatus runStatus) {
        proof.willRun(changeSet, changeLog, database, runStatus);
        if (all.putIfAbsent(name(changeSet), new Measured(changeSet)) == null) {
            progress.accept("%d of %d  %s".formatted(all.size(), count, changeSet.getId()));
        }
        quietly(() -> session.begin(Tracer.isBackfill(changeSet)));
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ExecType execType) {
        quietly(() -> {
            Measured measured = all.get(name(changeSet));
            PassTrace pass = session.end();
            proof.expectChangesIn(pass.touched());
            proof.ran(changeSet, changeLog, database, execType);
            if (measured.forward == null) {
                measured.forward = pass.withBatched(batched(changeSet));
                noteWhatIsNew(measured);
            } else if (!changeSet.isRunInTransaction() && !Tracer.isBackfill(changeSet)) {
                measured.notAgain = runAgain(measured.forward);
            }
        });
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        proof.willRollback(changeSet, changeLog, database);
        quietly(() -> session.begin(Tracer.isBackfill(changeSet)));
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        quietly(() -> {
            Measured measured = all.get(name(changeSet));
            PassTrace pass = session.end();
            proof.expectChangesIn(pass.touched());
            proof.rolledBack(changeSet, changeLog, database);
            if (measured != null && measured.back == null) {
                measured.back = pass;
            }
        });
    }

    /** Notes why a changeset could not be undone, or not done again after that. */
    void failed(String changeset, CommandExecutionException why) throws CommandExecutionException {
        Measured measured = all.get(changeset);
        measured.notBack = (measured.back == null ? "The rollback failed: " : "Undone, it could not be run again: ")
                + LiquibaseRunner.reason(why).lines().reduce((first, second) -> second).orElse("");
        quietly(proof::lookAgain);
    }

    private void noteWhatIsNew(Measured measured) throws SQLException {
        String changeset = name(measured.changeSet);
        Set<String> made = new TreeSet<>(proof.after(changeset).schema().objects().keySet());
        made.removeAll(proof.before(changeset).schema().objects().keySet());
        made.forEach(object -> makers.put(object, measured.changeSet.getFilePath()));
        Map<String, String> now = indexes();
        now.forEach((index, definition) -> {
            if (!indexes.containsKey(index)) {
                measured.indexes.put(LockFindings.brief(index), definition);
            }
        });
        indexes = now;
    }

    private long batched(ChangeSet changeSet) throws SQLException {
        Optional<Backfill> backfill = Backfill.in(changeSet).findFirst();
        // One that only undoes has no row.
        return backfill.isEmpty() ? 0 : Sql.optionalRow(connection, "select rows_done from backfills where name = ?",
                row -> row.getLong(1), backfill.get().name()).orElse(0L);
    }

    private Map<String, String> indexes() throws SQLException {
        return Sql.rows(connection, INDEXES, row -> Map.entry(row.getString(1), row.getString(2))).stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Its statements once more, as the next run would after it has failed at its end; null when all is as it was. */
    private String runAgain(PassTrace pass) throws SQLException {
        Snapshot before = proof.now();
        List<StatementTrace> statements = pass.transactions().stream()
                .flatMap(transaction -> transaction.statements().stream()).toList();
        String wrong = null;
        try (Connection again = scratch.connect()) {
            Sql.execute(again, "set search_path = public; set lock_timeout = '1min'");
            for (StatementTrace statement : statements) {
                try {
                    Sql.execute(again, statement.sql());
                } catch (SQLException e) {
                    wrong = "%s: %s".formatted(e.getMessage().lines().findFirst().orElse(""), statement.brief());
                    break;
                }
            }
        }
        proof.expectChangesIn(pass.touched());
        proof.lookAgain();
        return wrong != null ? wrong : before.equals(proof.now()) ? null
                : "it leaves something else than the first time:\n" + before.differenceTo(proof.now());
    }

    private interface Step {
        void run() throws SQLException;
    }

    /** Liquibase's listeners may throw nothing of their own. */
    private static void quietly(Step step) {
        try {
            step.run();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
