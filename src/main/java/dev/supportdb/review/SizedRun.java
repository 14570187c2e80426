package dev.supportdb.review;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.verify.SampleData;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;

/** Measures changesets at one size, all forward and then all back, without proof. Two sizes make a forecast. */
final class SizedRun extends AbstractChangeExecListener {

    private final Connection connection;
    private final SessionWatch session;
    private final SampleData data;
    private final Consumer<String> progress;
    private final Map<String, SizedTrace.Pass> forward = new LinkedHashMap<>();
    private final Map<String, SizedTrace.Pass> back = new HashMap<>();

    private final TableSizes start;

    /** The most rows that each table had. */
    private final Map<String, Long> rows = new TreeMap<>();
    private long began;

    /**
     * @param connection inserts and counts rows, and is not watched
     * @param data       is inserted as changesets create tables for it
     */
    SizedRun(Connection connection, SessionWatch session, SampleData data, Consumer<String> progress)
            throws SQLException {
        this.connection = connection;
        this.session = session;
        this.data = data;
        this.progress = progress;
        this.start = count();
    }

    /** Counts the rows after all changesets have run. */
    void ended() throws SQLException {
        count();
    }

    /** @param migration runs these changesets, with this object as its listener */
    void back(LiquibaseRunner migration) throws CommandExecutionException {
        migration.rollback(forward.size());
    }

    private TableSizes count() throws SQLException {
        Sql.execute(connection, "analyze");
        TableSizes now = TableSizes.of(connection);
        now.rows().forEach((table, count) -> rows.merge(table, count, Math::max));
        return now;
    }

    SizedTrace trace() {
        return new SizedTrace(forward, back, start, rows);
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, RunStatus runStatus) {
        begin(changeSet);
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ExecType execType) {
        MeasuredRun.quietly(() -> {
            forward.put(MeasuredRun.name(changeSet), end(changeSet));
            data.fill(connection);
        });
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        begin(changeSet);
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        MeasuredRun.quietly(() -> back.put(MeasuredRun.name(changeSet), end(changeSet)));
    }

    private void begin(ChangeSet changeSet) {
        progress.accept(changeSet.getId());
        MeasuredRun.quietly(() -> session.begin(Tracer.isBackfill(changeSet)));
        began = System.nanoTime();
    }

    private SizedTrace.Pass end(ChangeSet changeSet) throws SQLException {
        Duration wall = Duration.ofNanos(System.nanoTime() - began);
        PassTrace pass = session.end();
        Map<String, Long> work = new TreeMap<>(SizedTrace.work(pass.transactions().stream()
                .flatMap(transaction -> transaction.statements().stream()).toList()));
        Backfill backfill = Backfill.in(changeSet).findFirst().orElse(null);
        if (backfill != null) {
            // The measurement does not count the rows of batches, so they are taken from the record.
            long done = Sql.optionalRow(connection, "select rows_done from backfills where name = ?",
                    row -> row.getLong(1), backfill.name()).orElse(0L);
            work.merge(Sql.text(connection, "select format('%I.%I', n.nspname, c.relname) from pg_class c "
                    + "join pg_namespace n on n.oid = c.relnamespace where c.oid = ?::regclass", backfill.table()),
                    done, Long::sum);
        }
        return new SizedTrace.Pass(backfill == null ? pass.time() : wall, work, pass);
    }
}
