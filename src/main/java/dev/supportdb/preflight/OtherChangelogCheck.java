package dev.supportdb.preflight;

import dev.supportdb.changelog.Changelog;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
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
 * A database of another changelog: it has a history of a master beside the one that is asked for, and no file of that
 * one. An update would make the tables of a second database among those of the first.
 */
final class OtherChangelogCheck {

    private static final String MASTER = ".changelog-master.yaml";

    private OtherChangelogCheck() {
    }

    /**
     * Refuses such a database.
     *
     * @param master   path of the changelog that is asked for
     * @param database where, as a person is told
     */
    static void check(String master, DatabaseChangeLog changeLog, Collection<RanChangeSet> history, String database)
            throws CommandExecutionException, LiquibaseException, IOException {
        Set<String> ran = history.stream().map(RanChangeSet::getChangeLog).map(DatabaseChangeLog::normalizePath)
                .collect(Collectors.toSet());
        String folder = master.substring(0, master.lastIndexOf('/') + 1);
        // Without a folder it would be looked for among all jars.
        if (ran.isEmpty() || folder.isEmpty() || hasAnyOf(ran, changeLog)) {
            return;
        }
        for (Resource file : Scope.getCurrentScope().getResourceAccessor().search(folder, false)) {
            String other = folder + file.getPath().replaceFirst(".*/", "");
            if (other.endsWith(MASTER) && !other.equals(master) && hasAnyOf(ran, Changelog.parse(other, Map.of()))) {
                throw new CommandExecutionException("""
                        This is the database of another changelog: %s has the history of %s, and nothing of %s. \
                        Nothing has been changed. Either
                        - choose the environment of this database: -Denv=… of Maven, --env=… of ./supportdb
                        - or name the other database: DATABASE_URL; for the environment analytics \
                        ANALYTICS_DATABASE_URL, which goes before it.""".formatted(database, other, master));
            }
        }
    }

    private static boolean hasAnyOf(Set<String> ran, DatabaseChangeLog changeLog) {
        return changeLog.getChangeSets().stream().map(ChangeSet::getFilePath).map(DatabaseChangeLog::normalizePath)
                .anyMatch(ran::contains);
    }
}
