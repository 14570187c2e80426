package dev.supportdb.preflight;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import liquibase.change.Change;
import liquibase.changelog.ChangeSet;
import liquibase.exception.CommandExecutionException;

/** Finds backfills of the run whose control tables are missing, or whose table has no usable key. */
final class BackfillTablesCheck {

    private static final String TABLE = "backfills";

    private final Connection connection;

    BackfillTablesCheck(Connection connection) {
        this.connection = connection;
    }

    /**
     * Refuses them before anything is changed. A table that the run itself creates does not exist yet and is not
     * checked.
     */
    void check(List<ChangeSet> toRun) throws SQLException, CommandExecutionException {
        boolean hasTable = Sql.isTrue(connection, "select to_regclass(?) is not null", TABLE);
        List<Change> before = new ArrayList<>();
        for (ChangeSet changeSet : toRun) {
            for (Backfill backfill : Backfill.in(changeSet).toList()) {
                if (!hasTable && !Arrays.asList(new NamedObjects(before).created()).contains(TABLE)) {
                    throw new CommandExecutionException("""
                            Backfill '%s' has no table for its checkpoints: %s does not exist, and no changeset \
                            before %s creates it. Nothing has been changed. Include the tables of the backfills first:
                              - include: {file: changelog/main/000_backfill_tables.yaml}""".formatted(
                            backfill.name(), TABLE, changeSet.toString(false)));
                }
                Optional<String> refusal = backfill.refusal(connection);
                if (refusal.isPresent()) {
                    throw new CommandExecutionException("Backfill '%s' cannot run: %s Nothing has been changed."
                            .formatted(backfill.name(), refusal.get()));
                }
            }
            before.addAll(changeSet.getChanges());
        }
    }
}
