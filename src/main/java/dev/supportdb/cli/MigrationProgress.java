package dev.supportdb.cli;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.PreconditionFailedException;
import liquibase.precondition.core.PreconditionContainer.FailOption;

/** What a migration does while somebody looks on, and at the end has done. */
final class MigrationProgress extends AbstractChangeExecListener {

    /**
     * What this project's messages have and Liquibase's lack: how far a backfill is, what it or the lock waits for, who
     * else is concerned. What else Liquibase says, the report says.
     */
    private static final Pattern OWN = Pattern.compile(
            "^Waiting|^First, |^Trigger \\S+ on |^The privileges on |^(?!.*: 0 rows).* rows of "
                    + "|^(?!Liquibase: )(undo )?\\S+(: (?!0 rows)| waits: | goes on)");

    private final long start = System.nanoTime();
    private Runnable plan;
    private int changesets;
    private ChangeSet atHand;
    /** By the file, the reason. */
    private final Map<String, String> deferred = new LinkedHashMap<>();

    MigrationProgress() {
        this(() -> { });
    }

    /** @param plan says what is about to be done, when the first changeset begins: nothing was refused by then */
    MigrationProgress(Runnable plan) {
        this.plan = plan;
    }

    /** A migration whose work this is. */
    LiquibaseRunner migration(TargetDatabase target) {
        return new LiquibaseRunner(target, Path.of(""), MigrationProgress::say, this);
    }

    private static void say(String line) {
        if (OWN.matcher(line).find()) {
            System.out.println("          " + line.replace("\n", "\n          "));
        }
    }

    int changesets() {
        return changesets;
    }

    /** {@code 133 changesets applied in 5.3 s}. */
    String inWords(String done) {
        return String.format(Locale.ROOT, "%s %s in %.1f s", changesets(changesets), done,
                (System.nanoTime() - start) / 1e9);
    }

    static String changesets(int count) {
        return String.format(Locale.ROOT, "%,d changeset%s", count, count == 1 ? "" : "s");
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changelog, Database database, RunStatus status) {
        atHand = changeSet;
        sayPlan();
    }

    @Override
    public void preconditionFailed(PreconditionFailedException error, FailOption onFail) {
        if (onFail == FailOption.CONTINUE) {
            deferred.put(atHand.getFilePath(), error.getFailedPreconditions().get(0).getMessage());
        }
    }

    /** A line for each file whose changesets wait for others. */
    void sayDeferred() {
        deferred.forEach((file, reason) -> System.out.printf("Deferred  %s: %s%n", file, reason.strip()));
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
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
