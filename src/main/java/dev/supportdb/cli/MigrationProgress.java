package dev.supportdb.cli;

import dev.supportdb.postgres.Plural;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.StopRequest;
import dev.supportdb.run.TargetDatabase;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.PreconditionFailedException;
import liquibase.precondition.core.PreconditionContainer.FailOption;

/** Shows the progress and the result of a migration. */
final class MigrationProgress extends AbstractChangeExecListener {

    /** The last part of a backfill's line if there was nothing to do. */
    private static final String NOTHING_DONE = ": 0 rows of ";

    private final long start = System.nanoTime();
    private Runnable plan;
    private int changesets;
    private ChangeSet atHand;
    /** The reasons by file. */
    private final Map<String, String> deferred = new LinkedHashMap<>();

    MigrationProgress() {
        this(() -> { });
    }

    /** @param plan prints the plan when the first changeset starts, after all checks have passed */
    MigrationProgress(Runnable plan) {
        this.plan = plan;
    }

    /** Returns a runner that reports to this object. */
    LiquibaseRunner migration(TargetDatabase target) {
        return new LiquibaseRunner(target, Path.of(""), MigrationProgress::say, this);
    }

    private static void say(String line) {
        if (!line.contains(NOTHING_DONE)) {
            System.out.println("          " + line.replace("\n", "\n          "));
        }
    }

    int changesets() {
        return changesets;
    }

    /** A text such as {@code 133 changesets applied in 5.3 s}. */
    String inWords(String done) {
        return String.format(Locale.ROOT, "%s %s in %.1f s", Plural.of(changesets, "changeset"), done,
                (System.nanoTime() - start) / 1e9);
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changelog, Database database, RunStatus status) {
        StopRequest.check(changeSet);
        atHand = changeSet;
        sayPlan();
    }

    @Override
    public void preconditionFailed(PreconditionFailedException error, FailOption onFail) {
        if (onFail == FailOption.CONTINUE) {
            deferred.put(atHand.getFilePath(), error.getFailedPreconditions().get(0).getMessage());
        }
    }

    /** Prints a line for each file with deferred changesets. */
    void sayDeferred() {
        deferred.forEach((file, reason) -> System.out.printf("Deferred  %s: %s%n", file, reason.strip()));
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
        StopRequest.check(changeSet);
        sayPlan();
    }

    private void sayPlan() {
        plan.run();
        plan = () -> { };
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changelog, Database database, ExecType result) {
        changesets++;
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
        changesets++;
    }
}
