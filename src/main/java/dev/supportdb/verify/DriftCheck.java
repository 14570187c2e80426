package dev.supportdb.verify;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.LiquibaseLogging;
import dev.supportdb.preflight.PrivilegeCheck;
import dev.supportdb.preflight.SearchPathCheck;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Predicate;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LiquibaseException;

/**
 * The differences between a database and a fresh one built from the changelog at the same point.
 *
 * @param changesets the number of changesets that have run
 * @param gone       those of them that are no longer in the files, oldest first
 * @param edited     those of them that were edited in the files since, oldest first
 * @param difference left the changelog, right the database
 */
public record DriftCheck(int changesets, List<String> gone, List<String> edited, Difference difference) {

    /** The state of a database. */
    private record Found(int version, List<RanChangeSet> history, SchemaFingerprint schema) {

        /** Returns whether the changeset has run. "Marked as run" counts too, because its work was found done. */
        boolean hasRun(ChangeSet changeSet) {
            return history.stream().anyMatch(ran -> ran.isSameAs(changeSet));
        }

        List<RanChangeSet> gone(DatabaseChangeLog changeLog) {
            return Changelog.unknown(history, ran -> changeLog.getChangeSet(ran) != null);
        }
    }

    /**
     * Compares at the point that the database's own history names. Writes nothing there; no other Liquibase may run in
     * this process.
     */
    public static DriftCheck of(TargetDatabase target, ExpectedSchema expected)
            throws SQLException, LiquibaseException {
        Found found = read(target, expected.root());
        expected.refuseUnlessVersion(found.version);
        SchemaFingerprint fresh = expected.of(found::hasRun);
        return expected.ask(changeLog -> new DriftCheck(found.history.size(), names(found.gone(changeLog)),
                names(DatabaseState.edited(found.history, changeLog)), Difference.between(fresh, found.schema)));
    }

    /**
     * Compares as if exactly these changesets had run, whatever the history says, to check a stamp before it is
     * recorded. Left is the changelog, right the database.
     */
    public static Difference assuming(Predicate<ChangeSet> ran, TargetDatabase target, ExpectedSchema expected)
            throws SQLException, LiquibaseException {
        Found found = read(target, expected.root());
        expected.refuseUnlessVersion(found.version);
        return Difference.between(expected.of(ran), found.schema);
    }

    private static Found read(TargetDatabase target, Path root) throws SQLException, LiquibaseException {
        LiquibaseLogging.off();
        try (Database database = LiquibaseRunner.open(target, root)) {
            new SearchPathCheck(database).checkLooking();
            new PrivilegeCheck(database).checkHistory();
            Connection connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
            connection.commit();
            // One snapshot: a changeset that commits meanwhile is in both the history and the schema, or in neither.
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            return new Found(database.getDatabaseMajorVersion(), List.copyOf(database.getRanChangeSetList()),
                    SchemaFingerprint.of(connection));
        }
    }

    private static List<String> names(List<RanChangeSet> ran) {
        return ran.stream().map(RanChangeSet::toString).toList();
    }
}
