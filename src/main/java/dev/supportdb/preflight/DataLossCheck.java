package dev.supportdb.preflight;

import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import org.postgresql.util.PSQLException;

/**
 * Runs each {@link RefuseChange} of all changesets to be rolled back, before the first rollback.
 *
 * <p>Each runs again at its place in the rollback. A query that needs an older shape of the schema can only run then.
 */
final class DataLossCheck {

    /** The SQLSTATE of a {@code raise}. */
    private static final String REFUSED = "P0001";

    /** No such table, column, function, type or schema: the rollback of a later changeset has to restore it first. */
    private static final Set<String> NOT_THERE = Set.of("42P01", "42703", "42883", "42704", "3F000");

    private final Database database;

    /** @param changeLog the whole changelog, which defines the data that may be discarded */
    DataLossCheck(Database database, DatabaseChangeLog changeLog) throws CommandExecutionException {
        this.database = database;
        refuseUnknownNames(changeLog);
    }

    private static void refuseUnknownNames(DatabaseChangeLog changeLog) throws CommandExecutionException {
        Set<String> known = changeLog.getChangeSets().stream().flatMap(DataLossCheck::guards)
                .map(RefuseChange::getLoses)
                .filter(loses -> loses != null).collect(Collectors.toCollection(TreeSet::new));
        Set<String> unknown = RefuseChange.discarded();
        unknown.removeAll(known);
        unknown.remove(RefuseChange.ALL);
        if (!unknown.isEmpty()) {
            throw new CommandExecutionException("%s names %s, which no rollback discards. It can name: %s; or %s."
                    .formatted(RefuseChange.Settings.DISCARD, String.join(", ", unknown), String.join(", ", known),
                            RefuseChange.ALL));
        }
    }

    /** Refuses with the messages of all checks that fail. */
    void check(List<ChangeSet> undone) throws DatabaseException, SQLException, CommandExecutionException {
        List<String> refusals = new ArrayList<>();
        Set<String> lost = new TreeSet<>();
        boolean mayBeLost = true;
        for (ChangeSet changeSet : undone) {
            for (RefuseChange guard : guards(changeSet).toList()) {
                String refusal = ask(changeSet, guard);
                if (refusal != null) {
                    refusals.add("- " + changeSet.toString(false) + ": " + refusal);
                    if (guard.getLoses() == null) {
                        mayBeLost = false;
                    } else {
                        lost.add(guard.getLoses());
                    }
                }
            }
        }
        if (!refusals.isEmpty()) {
            // If there is also a reason that cannot be discarded, discarding the data would not help.
            String onPurpose = !mayBeLost ? ""
                    : "\nTo discard them, run the same command with --discard=%2$s, or a Maven goal with -D%1$s=%2$s"
                            .formatted(RefuseChange.Settings.DISCARD, String.join(",", lost));
            throw new CommandExecutionException("Cannot roll back: the old schema has no place for these rows. "
                    + "Nothing was rolled back.\n" + String.join("\n", refusals) + onPurpose);
        }
    }

    /** Writes the checks whose query can run already at the start of a script. */
    void write(List<ChangeSet> undone) throws DatabaseException, SQLException {
        for (ChangeSet changeSet : undone) {
            for (RefuseChange guard : guards(changeSet).toList()) {
                if (!guard.isGivenUp() && isThere(guard)) {
                    LiquibaseExecutor.comment(database,
                            "Data-loss check of " + changeSet.toString(false) + ", before anything is undone");
                    LiquibaseExecutor.execute(database, guard.sql());
                }
            }
        }
    }

    private boolean isThere(RefuseChange guard) throws DatabaseException, SQLException {
        try {
            run(guard);
            return true;
        } catch (PSQLException e) {
            return !NOT_THERE.contains(e.getSQLState());
        }
    }

    private static Stream<RefuseChange> guards(ChangeSet changeSet) {
        return changeSet.getRollback().getChanges().stream().filter(RefuseChange.class::isInstance)
                .map(RefuseChange.class::cast);
    }

    /** Runs a check; returns null if it passes. */
    private String ask(ChangeSet changeSet, RefuseChange guard)
            throws DatabaseException, SQLException, CommandExecutionException {
        if (guard.isGivenUp()) {
            return null;
        }
        try {
            run(guard);
            return null;
        } catch (PSQLException e) {
            if (NOT_THERE.contains(e.getSQLState())) {
                return null;
            }
            if (REFUSED.equals(e.getSQLState())) {
                return words(e);
            }
            throw new CommandExecutionException(
                    "Cannot roll back: the data-loss check of %s failed. Nothing has been rolled back. %s"
                            .formatted(changeSet.toString(false), e.getMessage()), e);
        }
    }

    private void run(RefuseChange guard) throws DatabaseException, SQLException {
        Connection connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
        database.rollback();
        try {
            // A session that waits for a read lock blocks nobody, so it may wait longer.
            Sql.execute(connection, "set transaction read only; set local lock_timeout = '1min'");
            Sql.execute(connection, guard.sql());
        } finally {
            database.rollback();
        }
    }

    private static String words(PSQLException refusal) {
        String hint = refusal.getServerErrorMessage().getHint();
        return refusal.getServerErrorMessage().getMessage()
                + (hint == null || hint.equals(RefuseChange.ALWAYS) ? "" : "\n  %s".formatted(hint));
    }
}
