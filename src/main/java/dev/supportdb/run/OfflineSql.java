package dev.supportdb.run;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.preflight.ChangesetSubset;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.exception.CommandExecutionException;

/** Writes the SQL for a database that nobody connects to, from a state that is only named. */
public final class OfflineSql {

    private final TargetDatabase target;
    private final Path root;
    private final Changelog changelog;
    private final ChangeExecListener listener;

    /**
     * @param target   the changelog and its filters; its database is not used
     * @param root     the folder that the changelog's path starts from
     * @param listener is told of every changeset that is written
     */
    public OfflineSql(TargetDatabase target, Path root, Changelog changelog, ChangeExecListener listener) {
        this.target = target;
        this.root = root;
        this.changelog = changelog;
        this.listener = listener;
    }

    /** Returns the SQL that runs changesets on a database that has run the others. */
    public String update(List<ChangeSet> these, List<ChangeSet> ran) throws IOException, CommandExecutionException {
        return write(ran, migration -> migration.only(part(these)).updateSql());
    }

    /** Returns the SQL that undoes changesets on a database that has run them and the others. */
    public String rollback(List<ChangeSet> these, List<ChangeSet> ran) throws IOException, CommandExecutionException {
        return rollback(these, ran, UnaryOperator.identity());
    }

    /** @param discarding says what data the rollback may discard */
    public String rollback(List<ChangeSet> these, List<ChangeSet> ran, UnaryOperator<LiquibaseRunner> discarding)
            throws IOException, CommandExecutionException {
        return write(ran, migration -> discarding.apply(migration).only(part(these)).rollbackSql(these.size()));
    }

    private interface Way {
        String sql(LiquibaseRunner migration) throws CommandExecutionException;
    }

    private String write(List<ChangeSet> ran, Way way) throws IOException, CommandExecutionException {
        Path folder = Files.createTempDirectory("support-db");
        Path history = folder.resolve("history.csv");
        try {
            if (!ran.isEmpty()) {
                migration(history, "none").only(part(ran)).run("changelogSyncSql", Map.of());
            }
            return way.sql(migration(history, "all"));
        } finally {
            // After a failed command, Liquibase 4.33 would use the history file of that command again.
            Scope.getCurrentScope().getSingleton(ChangeLogHistoryServiceFactory.class).resetAll();
            Files.deleteIfExists(history);
            Files.delete(folder);
        }
    }

    private ChangesetSubset part(List<ChangeSet> changeSets) {
        return ChangesetSubset.of(FeatureSlice.of(changelog, changeSets));
    }

    /** @param sql how much of Liquibase's own tables the script contains: all or none */
    private LiquibaseRunner migration(Path history, String sql) {
        String url = "offline:postgresql?outputLiquibaseSql=%s&changeLogFile=%s"
                .formatted(sql, URLEncoder.encode(history.toString(), StandardCharsets.UTF_8));
        return new LiquibaseRunner(target.at(url, null, null), root, line -> { }, listener);
    }
}
