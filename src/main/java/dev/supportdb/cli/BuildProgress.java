package dev.supportdb.cli;

import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;

/** Shows the progress of building a scratch database from the changelog, which takes most of the time. */
final class BuildProgress extends AbstractChangeExecListener implements AutoCloseable {

    private final ProgressLine line = new ProgressLine();
    private int changesets;

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changelog, Database database, ExecType result) {
        line.show("%d of %d changesets run in a scratch database; usually 10 s in all"
                .formatted(++changesets, changelog.getChangeSets().size()));
    }

    @Override
    public void close() {
        line.close();
    }
}
