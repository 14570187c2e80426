package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.SampleData;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;

/**
 * Broken off where what a changeset does and its row in the history could come apart, a migration is completed by the
 * same command. That stock Liquibase's is not, SupportDatabaseTest shows.
 */
final class HistoryRows {

    /**
     * The session ends when the row is written and not committed: with the changeset in one transaction, or when the
     * last statement of one outside a transaction has been committed. No rollback takes a sequence back, so the next
     * time the same row passes.
     */
    private static final String BREAK_BEFORE = """
            create sequence chaos.rows_written minvalue 0 start %2$d;
            create function chaos.break_off() returns trigger language plpgsql as $$
            begin
                if nextval('chaos.rows_written') %% %1$d = 0 then
                    perform pg_terminate_backend(pg_backend_pid());
                end if;
                return null;
            end $$;
            create trigger break_off after insert or delete on databasechangelog
                for each row execute function chaos.break_off();
            """;

    /** The session ends when the row has been committed, and the next one is still to come. */
    private static final class BreakAfter extends AbstractChangeExecListener {

        private final TestDatabase database;
        private final int oneOf;
        private int rows;
        private long breaks;

        /** @param rows that have been written */
        BreakAfter(TestDatabase database, int oneOf, int rows) {
            this.database = database;
            this.oneOf = oneOf;
            this.rows = rows;
        }

        @Override
        public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database liquibase, ExecType execType) {
            breakConnections();
        }

        @Override
        public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database liquibase) {
            breakConnections();
        }

        private void breakConnections() {
            if (++rows % oneOf != 0) {
                return;
            }
            try {
                breaks += database.count("""
                        select count(pg_terminate_backend(pid, 60000)) from pg_stat_activity
                        where datname = current_database() and application_name = 'support-db'
                        """);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private final ChaosServer lab;
    private final ReferenceRun way;
    private final int oneOf;
    private final int first;
    private final TestDatabase database;

    HistoryRows(ChaosServer lab) throws SQLException, CommandExecutionException {
        this.lab = lab;
        way = lab.wholeWay();
        oneOf = lab.campaign().changesetsToOneBreak();
        first = lab.campaign().random("rows of the history").nextInt(oneOf);
        database = lab.copyOf(way.original());
    }

    List<Result> breakOff() throws Exception {
        long forward = go(way.forward());
        assertThat(PostconditionCheck.atHead(database, way)).isEmpty();
        long back = go(List.of(way.back()));
        assertThat(PostconditionCheck.atStart(database, way)).isEmpty();

        lab.drop(database);
        return Result.of(Part.HISTORY_ROW, (int) (forward + back),
                Report.format("%,d on the way forward, %,d on the way back", forward, back));
    }

    /** @return how often it was broken off */
    private long go(List<ReferenceRun.Stretch> stretches) throws Exception {
        database.execute(BREAK_BEFORE.formatted(oneOf + 1, first));
        BreakAfter after = new BreakAfter(database, oneOf, first);
        for (ReferenceRun.Stretch stretch : stretches) {
            run(stretch, after);
            database.fill(SampleData.DEMO);
        }
        long rows = after.rows - first;
        long before = database.count("select last_value + 1 from chaos.rows_written") - first - rows;
        database.execute("drop function chaos.break_off cascade; drop sequence chaos.rows_written");

        assertThat(rows).isEqualTo(stretches.stream().mapToLong(stretch -> stretch.done().size()).sum());
        assertThat(before).isBetween(rows / oneOf, rows / oneOf + 1);
        assertThat(after.breaks).isBetween(rows / oneOf, rows / oneOf + 1);
        return before + after.breaks;
    }

    private void run(ReferenceRun.Stretch stretch, BreakAfter after) throws CommandExecutionException {
        LiquibaseRunner migration = new LiquibaseRunner(way.from().of(database), Path.of(""), line -> { }, after);
        boolean through = false;
        while (!through) {
            try {
                stretch.command().run(migration);
                through = true;
            } catch (CommandExecutionException e) {
                // Any other failure is a defect, and must not be hidden by the next run.
                if (!Fault.Intervention.TERMINATED.matcher(e.getMessage()).find()) {
                    throw e;
                }
            }
        }
    }
}
