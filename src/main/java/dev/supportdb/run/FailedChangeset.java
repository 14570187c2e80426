package dev.supportdb.run;

import dev.supportdb.backfill.Backfill;
import liquibase.changelog.ChangeSet;
import liquibase.exception.CommandExecutionException;

/** The failure of a changeset, or of its rollback, in the middle of a run. */
final class FailedChangeset extends CommandExecutionException {

    private static final long serialVersionUID = 1L;

    private final boolean inTransaction;
    private final boolean backfill;

    FailedChangeset(ChangeSet changeSet, CommandExecutionException failure) {
        super(failure.getMessage(), failure);
        inTransaction = changeSet.isRunInTransaction();
        backfill = Backfill.in(changeSet).findAny().isPresent();
    }

    FailureKind kind() {
        return backfill ? FailureKind.RESUMABLE : inTransaction ? FailureKind.ROLLED_BACK : FailureKind.UNFINISHED;
    }
}
