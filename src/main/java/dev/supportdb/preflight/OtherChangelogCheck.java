package dev.supportdb.preflight;

import dev.supportdb.changelog.Changelog;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;
import liquibase.resource.Resource;

/**
 * Finds a database of another changelog: its history names another master and no file of this one. An update would
 * create a second database's tables among those of the first.
 */
public final class OtherChangelogCheck {

    private static final String MASTER = ".changelog-master.yaml";

    private OtherChangelogCheck() {
    }

    /** Refuses such a database; see {@link #report} for the parameters. */
    static void check(String master, DatabaseChangeLog changeLog, Collection<RanChangeSet> history, String database)
            throws CommandExecutionException, LiquibaseException, IOException {
        Optional<String> report = report(master, changeLog, history, database);
        if (report.isPresent()) {
            throw new CommandExecutionException(report.get());
        }
    }

    /**
     * Returns which changelog has built the database, and what to do; empty if nothing forbids this one.
     *
     * @param master   the path of this changelog
     * @param database its URL, for the message
     */
    public static Optional<String> report(String master, DatabaseChangeLog changeLog,
            Collection<RanChangeSet> history, String database) throws LiquibaseException, IOException {
        Set<String> ran = history.stream().map(RanChangeSet::getChangeLog).map(DatabaseChangeLog::normalizePath)
                .collect(Collectors.toSet());
        String folder = master.substring(0, master.lastIndexOf('/') + 1);
        // A master without a folder would be searched for in all jars.
        if (ran.isEmpty() || folder.isEmpty() || hasAnyOf(ran, changeLog)) {
            return Optional.empty();
        }
        for (Resource file : Scope.getCurrentScope().getResourceAccessor().search(folder, false)) {
            String other = folder + file.getPath().replaceFirst(".*/", "");
            if (other.endsWith(MASTER) && !other.equals(master) && hasAnyOf(ran, Changelog.parse(other, Map.of()))) {
                return Optional.of("""
                        This is the database of another changelog: %s has the history of %s, and no changeset of %s. \
                        Nothing has been changed. Either
                        - choose the environment of this database: -Denv=… of Maven, --env=… of ./supportdb
                        - or set the URL of the other database: DATABASE_URL; for the environment analytics \
                        ANALYTICS_DATABASE_URL, which overrides it.""".formatted(database, other, master));
            }
        }
        return Optional.empty();
    }

    private static boolean hasAnyOf(Set<String> ran, DatabaseChangeLog changeLog) {
        return changeLog.getChangeSets().stream().map(ChangeSet::getFilePath).map(DatabaseChangeLog::normalizePath)
                .anyMatch(ran::contains);
    }
}
