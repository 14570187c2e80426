package dev.supportdb.deploy;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.TargetDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;

/**
 * Watches changesets run: prints each with its time, and cancels the run at its time limit. Backfills do not count
 * towards the limit, because their short transactions keep their progress.
 */
final class UpdateWatch extends AbstractChangeExecListener implements AutoCloseable {

    /** Cancels the statement of this run's session only. */
    private static final String CANCEL = """
            select pg_cancel_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name = 'support-db' and pid in (
                select pid from pg_locks where locktype = 'advisory' and granted)
            """;

    private final TargetDatabase target;
    private final Deploy.Observer observer;
    private final long limit;
    private final int count;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "deadline");
        thread.setDaemon(true);
        return thread;
    });
    private final List<ChangeSet> applied = new ArrayList<>();
    private long used;
    private long begun;
    private boolean counts;
    private boolean isOver;

    UpdateWatch(TargetDatabase target, Deploy.Observer observer, Duration limit, int count) {
        this.target = target;
        this.observer = observer;
        this.limit = limit.toNanos();
        this.count = count;
        clock.scheduleWithFixedDelay(this::cancelIfOver, 1, 1, TimeUnit.SECONDS);
    }

    /** The changesets that have run so far. */
    synchronized List<ChangeSet> applied() {
        return List.copyOf(applied);
    }

    /** Returns whether this watch has cancelled the run. */
    synchronized boolean isOver() {
        return isOver;
    }

    @Override
    public synchronized void willRun(ChangeSet changeSet, DatabaseChangeLog changelog, Database database,
            RunStatus status) {
        begun = System.nanoTime();
        counts = Backfill.in(changeSet).findAny().isEmpty();
    }

    @Override
    public synchronized void ran(ChangeSet changeSet, DatabaseChangeLog changelog, Database database,
            ExecType result) {
        double seconds = (System.nanoTime() - begun) / 1e9;
        used += counts ? System.nanoTime() - begun : 0;
        counts = false;
        applied.add(changeSet);
        observer.say(String.format(Locale.ROOT, "          %d/%d  %s  %.1f s", applied.size(), count,
                changeSet.getId(), seconds));
        observer.event(new DeployEvent.Changeset(changeSet.getId(), changeSet.getFilePath(),
                Math.round(seconds * 1000) / 1e3, applied.size(), count));
    }

    private synchronized void cancelIfOver() {
        if (counts && used + System.nanoTime() - begun > limit) {
            isOver = true;
            try (Connection connection = Backup.connect(target)) {
                Sql.texts(connection, CANCEL);
            } catch (SQLException e) {
                // Retried in the next round.
            }
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
