package dev.supportdb.preflight;

import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.session.SupportDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.CommandScope;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;

/**
 * A Liquibase command that is about to start, and its effect on the database.
 *
 * @param edits of its changesets, which several checks ask for
 */
record PlannedRun(CommandScope command, SupportDatabase database, ChangesetEdits edits) {

    /** The effect of a command on changesets. */
    enum Kind { UPDATE, ROLLBACK, MARKING, OTHER }

    private static final Set<String> UPDATES = Set.of("update", "updateCount", "updateToTag");
    private static final Set<String> ROLLBACKS = Set.of("rollback", "rollbackCount", "rollbackToDate");
    private static final Set<String> MARKINGS = Set.of("changelogSync", "changelogSyncToTag", "markNextChangesetRan");

    private static final Set<String> LOOKS =
            Set.of("status", "unexpectedChangesets", "validate", "calculateChecksum", "dbDoc", "tagExists");

    PlannedRun(CommandScope command, SupportDatabase database) {
        this(command, database, new ChangesetEdits(database));
    }

    Kind kind() {
        String name = command.getCommand().getName()[0];
        String action = name.endsWith("Sql") ? name.substring(0, name.length() - "Sql".length()) : name;
        return UPDATES.contains(action) ? Kind.UPDATE
                : ROLLBACKS.contains(action) ? Kind.ROLLBACK
                : MARKINGS.contains(action) ? Kind.MARKING
                : Kind.OTHER;
    }

    boolean is(Kind kind) {
        return kind() == kind;
    }

    /** Returns false without a server, when only the files are read. */
    boolean isOnline() {
        return database.getConnection() instanceof JdbcConnection;
    }

    /** Returns false if a script is written, and without a server. */
    boolean mayWrite() {
        return isOnline() && !writesScript();
    }

    /** Returns whether it writes nothing, not even a script. */
    boolean onlyLooks() {
        return LOOKS.contains(command.getCommand().getName()[0]);
    }

    /** Returns whether the SQL is written for review instead of executed. */
    boolean writesScript() {
        return !LiquibaseExecutor.updatesDatabase(database);
    }

    /** Returns whether it runs changesets, rolls them back or marks them. */
    boolean writes() {
        return mayWrite() && kind() != Kind.OTHER;
    }

    /** The changelog; null until it has been read. */
    DatabaseChangeLog changeLog() {
        return (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
    }

    /** The changesets of the changelog that have run, in its order. */
    List<ChangeSet> ran() throws LiquibaseException {
        List<ChangeSet> ran = new ArrayList<>();
        for (ChangeSet changeSet : changeLog().getChangeSets()) {
            if (database.getRanChangeSet(changeSet) != null) {
                ran.add(changeSet);
            }
        }
        return ran;
    }

    ChangesetSelection selection() {
        return new ChangesetSelection(command, database, changeLog());
    }

    /** Returns whether a rollback undoes nothing and only removes changesets from the history. */
    boolean forgets() {
        return ChangesetSubset.current() != null && ChangesetSubset.current().forgets();
    }
}
