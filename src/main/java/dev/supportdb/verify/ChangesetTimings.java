package dev.supportdb.verify;

import dev.supportdb.backfill.Backfill;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;

/** The time of each changeset, forward and back, in the order of the first run. */
final class ChangesetTimings extends AbstractChangeExecListener {

    /** @param backfill the name of the changeset's backfill; null for any other changeset */
    record Time(String changeset, String backfill, Duration forward, Duration back) {}

    private final Map<String, Time> times = new LinkedHashMap<>();
    private long start;

    Collection<Time> times() {
        return times.values();
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, RunStatus runStatus) {
        start = System.nanoTime();
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ExecType execType) {
        times.putIfAbsent(changeSet.getId(), new Time(changeSet.getId(), backfill(changeSet), sinceStart(), null));
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        start = System.nanoTime();
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database) {
        times.computeIfPresent(changeSet.getId(),
                (id, time) -> new Time(id, time.backfill(), time.forward(), sinceStart()));
    }

    private Duration sinceStart() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static String backfill(ChangeSet changeSet) {
        return Backfill.in(changeSet).findFirst().map(Backfill::name).orElse(null);
    }
}
