package dev.supportdb.cli;

import dev.supportdb.postgres.Sql;
import dev.supportdb.preflight.PrivilegeCheck;
import dev.supportdb.preflight.ReadOnlyCheck;
import dev.supportdb.preflight.SearchPathCheck;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;

/** Reads and writes the records of a database's backfills, with SQL that anyone may run by hand. */
final class BackfillTable implements AutoCloseable {

    static final String NONE = "No backfill has run in this database yet.";

    private static final String TABLE = """
            select name, state, to_char(percent, 'FM990.0') || ' %', to_char(rows_done, 'FM999,999,999,999,990'),
                concat(to_char(rows_per_second, 'FM999,999,999,990')), concat(time_left),
                concat(last_batch_ms || ' ms'),
                case
                    when finished_at is not null then format('%s, took %s', finished_at::timestamptz(0),
                        date_trunc('milliseconds', finished_at - started_at))
                    when requested_state = 'cancel' then 'cancelled'
                    when requested_state = 'pause' then 'paused'
                    when waiting_for is not null then 'waits: ' || waiting_for
                    when quiet > interval '10 seconds' then 'no batch for ' || date_trunc('second', quiet)
                    else ''
                end
            from backfill_progress
            left join (QUIET) latest using (name)
            order by started_at
            """;

    private static final String QUIET = """
            select name, clock_timestamp() - greatest(max(b.updated_at), max(r.updated_at)) as quiet
            from backfills b left join backfill_ranges r using (name)
            group by name""";

    /** Replaces QUIET for a role that may only read the view. */
    private static final String UNKNOWN = "select null::varchar as name, null::interval as quiet";

    /**
     * The record of a backfill.
     *
     * @param batchTime  as text, in milliseconds; like the next two, null if the settings of the run apply
     * @param finishedAt null while there is something to do
     */
    record Backfill(String name, String state, String batchTime, String workers, String restRatio,
            String finishedAt) {

        boolean isFinished() {
            return finishedAt != null;
        }
    }

    private final Database database;

    private BackfillTable(Database database) {
        this.database = database;
    }

    /** Connects as Liquibase does, with the same credentials and the same error messages. */
    static BackfillTable of(TargetDatabase target) throws LiquibaseException, SQLException {
        return open(target, false);
    }

    /** Connects to write a request into the row of a backfill. */
    static BackfillTable toWrite(TargetDatabase target) throws LiquibaseException, SQLException {
        return open(target, true);
    }

    /** @throws liquibase.exception.CommandExecutionException if a privilege is missing, or the server is read-only */
    private static BackfillTable open(TargetDatabase target, boolean writes) throws LiquibaseException, SQLException {
        Database database = LiquibaseRunner.open(target, Path.of(""));
        try {
            if (writes) {
                new ReadOnlyCheck(database).check();
            }
            new SearchPathCheck(database).checkLooking();
            new PrivilegeCheck(database).checkBackfills(writes);
            return new BackfillTable(database);
        } catch (CommandExecutionException | SQLException e) {
            database.close();
            throw e;
        }
    }

    /** The progress of each backfill, oldest first, with headings. */
    List<List<String>> table() throws SQLException {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("backfill", "state", "done", "rows", "rows/s", "left", "batch", ""));
        boolean seesTables = Sql.isTrue(connection(), """
                select bool_and(has_table_privilege(to_regclass(needed), 'select'))
                from unnest('{backfills, backfill_ranges}'::text[]) needed
                """);
        table.addAll(Sql.rows(connection(), TABLE.replace("QUIET", seesTables ? QUIET : UNKNOWN),
                BackfillTable::cells));
        return table;
    }

    /** The view {@code backfill_progress} as JSON, oldest first. */
    String json() throws SQLException {
        return Sql.text(connection(), "select json_agg(p order by started_at) from backfill_progress p");
    }

    /**
     * For a collector: how many rows each has written, and whether it is under way.
     *
     * @param environment the value of the label {@code env}
     */
    String metrics(String environment) throws SQLException {
        return String.join("", Sql.rows(connection(), """
                select name, rows_done, (state in ('filling', 'undoing'))::integer from backfill_progress order by name
                """, row -> """
                supportdb_backfill_rows_done{%1$s} %2$d
                supportdb_backfill_running{%1$s} %3$d
                """.formatted("env=\"%s\",name=\"%s\"".formatted(label(environment), label(row.getString(1))),
                        row.getLong(2), row.getInt(3))));
    }

    /** The value of a label, with the escapes that the format has. */
    private static String label(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    /** The names of all backfills; none if the table does not exist yet. */
    List<String> names() throws SQLException {
        return names("true");
    }

    /** The names of the backfills that a worker can join. */
    List<String> underWay() throws SQLException {
        return names("finished_at is null and requested_state <> 'cancel'");
    }

    private List<String> names(String which) throws SQLException {
        boolean exist = Sql.text(connection(), "select to_regclass('backfill_progress')") != null;
        return !exist ? List.of() : Sql.texts(connection(),
                "select name from backfill_progress where %s order by started_at".formatted(which));
    }

    /** Returns an existing backfill. */
    Backfill find(String name) throws SQLException {
        return Sql.row(connection(), """
                select state, batch_time_ms, workers, rest_ratio, finished_at::timestamptz(0)
                from backfills where name = ?
                """, row -> new Backfill(name, row.getString(1), row.getString(2), row.getString(3), row.getString(4),
                row.getString(5)), name);
    }

    /** Returns false if nothing has changed, because the backfill is in that state or finished. */
    boolean request(String name, String state) throws SQLException {
        return update("""
                update backfills set requested_state = ?
                where name = ? and requested_state <> ? and (finished_at is null or ? = 'run')
                """, state, name, state, state);
    }

    /** @param settings by column; null returns to the setting of the run */
    void set(String name, Map<String, BigDecimal> settings) throws SQLException {
        List<Object> values = new ArrayList<>(settings.values());
        values.add(name);
        update("update backfills set %s = ? where name = ?"
                .formatted(String.join(" = ?, ", settings.keySet())), values.toArray());
    }

    private static List<String> cells(ResultSet row) throws SQLException {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            cells.add(row.getString(i));
        }
        return cells;
    }

    private boolean update(String sql, Object... values) throws SQLException {
        boolean changed = Sql.update(connection(), sql, values) > 0;
        connection().commit();
        return changed;
    }

    private Connection connection() {
        return ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
    }

    @Override
    public void close() throws DatabaseException {
        database.close();
    }
}
