package dev.supportdb.preflight;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.SqlLiteral;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;

/**
 * Adds a check to the start of a script that the history is the same as when the script was written. A script that runs
 * twice, or on a newer database, would record changesets twice and restore dropped objects.
 */
final class ScriptHistoryCheck {

    private final Database database;
    private final DatabaseChangeLog changeLog;

    ScriptHistoryCheck(Database database, DatabaseChangeLog changeLog) {
        this.database = database;
        this.changeLog = changeLog;
    }

    /**
     * Writes the check. Tags do not count, since a rollback to one keeps it, nor do changesets with a context, such as
     * demo data: a script may be written in one environment for another.
     *
     * @param work the changesets that the script runs or rolls back; changesets of other files are not checked
     */
    void write(Collection<ChangeSet> work) throws DatabaseException {
        Map<String, Integer> expected = new TreeMap<>();
        work.forEach(changeSet -> expected.putIfAbsent(changeSet.getFilePath(), 0));
        for (RanChangeSet ran : database.getRanChangeSetList()) {
            // A history in a file does not keep the contexts as written, so they are read from the changelog.
            boolean everywhere = changeLog.getChangeSets().stream().filter(ran::isSameAs).findFirst()
                    .map(ChangeSet::getContextFilter).orElse(ran.getContextExpression()).isEmpty();
            boolean counts = everywhere && !Changelog.TAG.equals(ran.getDescription());
            expected.merge(ran.getStoredChangeLog(), counts ? 1 : 0, Integer::sum);
        }
        if (!expected.isEmpty()) {
            String files = expected.entrySet().stream()
                    .map(file -> "(%s, %d)".formatted(SqlLiteral.of(file.getKey()), file.getValue()))
                    .collect(Collectors.joining(",\n            "));
            LiquibaseExecutor.execute(database,
                    SQL.formatted(files, database.getDatabaseChangeLogTableName(), Changelog.TAG));
        }
    }

    private static final String SQL = """
            do $history$
            declare
                _other text;
            begin
                if to_regclass('%2$s') is null then
                    raise exception 'This script was written for a database with a history, and %% has none. '
                        'Nothing has been changed. Run it on the database that it is for.', current_database();
                end if;
                select string_agg(
                    format(e'\\n- %%s: %%s of its changesets have run, not %%s', file, count, expected), '' order by file)
                into _other
                from (
                    select file, expected, (
                        select count(*) from %2$s where filename = file and description is distinct from '%3$s'
                            and coalesce(contexts, '') = '')
                    from (values
                        %1$s
                    ) written (file, expected)) now
                where count <> expected;
                if _other is not null then
                    raise exception using message = 'This script was written for another state of the database:'
                        || _other || e'\\nNothing has been changed. Write the script again for this database. If it '
                        || 'stopped half-way, an update or rollback without a script resumes it as well.';
                end if;
            end
            $history$""";
}
