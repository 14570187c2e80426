package dev.supportdb.preflight;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.objects.ColumnReplacement;
import dev.supportdb.objects.EditReader;
import dev.supportdb.objects.PrepareReplacementChange;
import dev.supportdb.objects.ReplaceColumnChange;
import dev.supportdb.objects.SchemaEdit;
import dev.supportdb.postgres.LiquibaseExecutor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.change.core.ExecuteShellCommandChange;
import liquibase.change.core.LoadDataChange;
import liquibase.change.core.TagDatabaseChange;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.exception.RollbackImpossibleException;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorFactory;

/** The changes of a changeset to schema objects, as far as they can be read from it. */
final class ChangesetEdits {

    private final Database database;

    /** What has been read: to generate the SQL of a changeset takes far longer than to look it up. */
    private final Map<ChangeSet, List<SchemaEdit>> forward = new IdentityHashMap<>();
    private final Map<ChangeSet, List<SchemaEdit>> back = new IdentityHashMap<>();

    ChangesetEdits(Database database) {
        this.database = database;
    }

    List<SchemaEdit> forward(ChangeSet changeSet) {
        return forward.computeIfAbsent(changeSet, this::readForward);
    }

    /** The edits of its rollback; without one, those of the rollback that Liquibase or the backfill provides. */
    List<SchemaEdit> back(ChangeSet changeSet) {
        return back.computeIfAbsent(changeSet, this::readBack);
    }

    private List<SchemaEdit> readForward(ChangeSet changeSet) {
        return Stream.concat(
                changeSet.getChanges().stream().flatMap(change -> edits(change, false)),
                around(changeSet, true)).toList();
    }

    private List<SchemaEdit> readBack(ChangeSet changeSet) {
        List<Change> rollback = changeSet.getRollback().getChanges();
        if (!rollback.isEmpty()) {
            return rollback.stream().flatMap(change -> edits(change, false)).toList();
        }
        List<Change> changes = new ArrayList<>(changeSet.getChanges());
        Collections.reverse(changes);
        return Stream.concat(around(changeSet, false),
                changes.stream().flatMap(change -> edits(change, true))).toList();
    }

    /** The edits of a backfill, before its first and after its last batch. The batches change rows only. */
    private static Stream<SchemaEdit> around(ChangeSet changeSet, boolean forward) {
        return Backfill.in(changeSet).flatMap(backfill -> Stream.concat(
                backfill.statementsAround(forward).flatMap(sql -> EditReader.read(sql).stream()),
                backfill.replacement(forward).stream().flatMap(ColumnReplacement::edits)));
    }

    private Stream<SchemaEdit> edits(Change change, boolean undo) {
        if (change instanceof DropsChange drops) {
            return undo ? Stream.empty() : drops.edits();
        }
        if (change instanceof ReplaceColumnChange replacement) {
            return undo ? Stream.empty() : replacement.replacement().edits();
        }
        if (change instanceof PrepareReplacementChange preparation) {
            // A script cannot contain it.
            return undo || !LiquibaseExecutor.updatesDatabase(database) ? Stream.empty() : preparation.edits();
        }
        return EditReader.read(sql(change, undo)).stream();
    }

    private String sql(Change change, boolean undo) {
        // To get their SQL, Liquibase would run a custom change or a shell command.
        if (change instanceof CustomChangeWrapper || change instanceof ExecuteShellCommandChange
                || change instanceof TagDatabaseChange || change instanceof LoadDataChange
                || Changelog.isGuard(change)) {
            return "";
        }
        if (change instanceof AbstractSQLChange sql) {
            return undo ? "" : String.valueOf(sql.getSql());
        }
        try {
            SqlGeneratorFactory generators = SqlGeneratorFactory.getInstance();
            Sql[] generated = undo ? generators.generateSql(change.generateRollbackStatements(database), database)
                    : generators.generateSql(change, database);
            return Arrays.stream(generated).map(Sql::toSql).collect(Collectors.joining(";\n"));
        } catch (RollbackImpossibleException e) {
            return "";
        }
    }
}
