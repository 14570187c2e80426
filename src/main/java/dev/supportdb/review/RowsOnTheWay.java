package dev.supportdb.review;

import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.verify.SampleData;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;

/**
 * Fills the tables while the changesets before the measured ones run. If a measured file has changesets among these,
 * its first phases find the rows of all files before it, as in a database in use. Its own tables are not filled: rows
 * that are inserted there, or that its triggers have seen, would leave its backfills nothing to do.
 */
final class RowsOnTheWay extends AbstractChangeExecListener {

    private final Connection connection;
    private final long rows;
    private final Set<String> unfinished;
    private final Consumer<String> progress;
    private final Map<String, String> makers = new HashMap<>();
    private Map<String, String> empty = Map.of();

    /** The schema after the rows were filled; null if there may be tables that are not filled. */
    private SchemaFingerprint filled;

    /**
     * @param connection to the database, in auto-commit mode
     * @param rows       the number of rows for each table
     * @param traced     the measured changesets, which run later
     * @param progress   receives the current changeset
     */
    RowsOnTheWay(Connection connection, long rows, Collection<ChangeSet> traced, Consumer<String> progress) {
        this.connection = connection;
        this.rows = rows;
        this.unfinished = traced.stream().map(ChangeSet::getFilePath).collect(Collectors.toSet());
        this.progress = progress;
    }

    /** The file that created an object, by its name in the fingerprint, for files with measured changesets. */
    Map<String, String> makers() {
        return Map.copyOf(makers);
    }

    /** Fills the tables that are still empty. Returns those that stayed empty, with the server's reason. */
    Map<String, String> fillRest() throws SQLException {
        if (filled == null) {
            fill();
        }
        return empty;
    }

    private void fill() throws SQLException {
        progress.accept("rows");
        SampleData.DEMO.fill(connection);
        empty = GeneratedRows.fill(connection, rows, makers.keySet());
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, RunStatus status) {
        if (filled == null && unfinished.contains(changeSet.getFilePath())) {
            MeasuredRun.quietly(() -> {
                fill();
                filled = SchemaFingerprint.of(connection);
            });
        }
        progress.accept(changeSet.getId());
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ExecType execType) {
        if (!unfinished.contains(changeSet.getFilePath())) {
            filled = null;
            return;
        }
        MeasuredRun.quietly(() -> {
            SampleData.DEMO.fill(connection);
            SchemaFingerprint now = SchemaFingerprint.of(connection);
            now.objects().keySet().stream().filter(object -> !filled.objects().containsKey(object))
                    .forEach(object -> makers.put(object, changeSet.getFilePath()));
            filled = now;
        });
    }
}
