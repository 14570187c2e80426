package dev.supportdb.backfill.engine;

import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;
import dev.supportdb.postgres.SqlLexer;
import java.util.regex.Pattern;

/**
 * Writes a plan as SQL to review and to run by hand: the same statements, in a loop that commits after each batch. The
 * script must run outside a transaction, as psql runs it without {@code -1}.
 */
final class BatchScript {

    private static final int BATCH = 2_000;
    private static final Pattern LINE_END = Pattern.compile("\\n");

    private final BackfillPlan plan;
    private final BackfillDirection direction;
    private final BackfillSteps pass;

    BatchScript(BackfillPlan plan, BackfillDirection direction) {
        this.plan = plan;
        this.direction = direction;
        this.pass = direction.asWritten(plan);
    }

    String text() {
        return script(pass.prepare()) + (pass.statement() == null ? "" : loop()) + end();
    }

    private String end() {
        return script(pass.finish() == null ? close() : pass.finish() + ";\n" + close());
    }

    private static String script(String sql) {
        return sql == null ? "" : "begin;\n" + sql + ";\ncommit;\n";
    }

    private String loop() {
        return """
                do $backfill$
                declare
                    _from bigint;
                    _to bigint;
                    _end bigint;
                    _keys bigint[];
                    _rows bigint;
                    _tries integer := 0;
                    _slots name[] := array(select slot_name from pg_replication_slots where active);
                    _requested text;
                    _waiting text;
                begin
                    %s
                    commit;
                    while _from < _end loop
                        %s
                        perform %s;
                        select coalesce(max(id), _end) into _to
                        from (select id from %s where id > _from and id <= _end order by id limit %d) range;
                        begin
                            select array_agg(id) into _keys
                            from (select id from %s where id > _from and id <= _to and (%s)
                                  order by id for no key update) locked;
                            %s;
                            get diagnostics _rows = row_count;
                        exception when lock_not_available or deadlock_detected then
                            _tries := _tries + 1;
                            if _tries = 60 then
                                raise;
                            end if;
                            perform pg_sleep(0.1 * _tries);
                            continue;
                        end;
                        update backfills set done_key = _to, rows_done = rows_done + _rows, batches = batches + 1,
                            waiting_for = null, updated_at = clock_timestamp()
                        where name = '%s';
                        commit;
                        _from := _to;
                        _tries := 0;
                    end loop;
                end
                $backfill$;
                """.formatted(open(), requests(), settings(), plan.table(), BATCH, plan.table(),
                        pass.pending().strip(), indented(BackfillPlan.bounded(pass.statement(), "_keys").strip()),
                        plan.name());
    }

    /** Obeys the control row before each batch, as a run does. */
    private String requests() {
        return """
                loop
                    select requested_state, case when requested_state = 'pause' then 'paused' else (
                        select 'replication slot ' || string_agg(slot_name, ', ') || ' is not in use'
                        from pg_replication_slots
                        where slot_name = any (_slots) and not active and wal_status <> 'lost') end
                    into _requested, _waiting from backfills where name = '%2$s';
                    if _requested = 'cancel' then
                        raise exception '%1$s was cancelled. Rows already written are kept. To resume, run the same '
                            'update or rollback without a script, or write the script again.';
                    end if;
                    exit when _waiting is null;
                    raise warning '%1$s waits: %%', _waiting;
                    update backfills set waiting_for = _waiting where name = '%2$s';
                    commit;
                    perform pg_sleep(5);
                end loop;""".formatted(direction.marker(plan), plan.name()).indent(8).strip();
    }

    /** Indents like the loop, except inside string literals, whose value would change. */
    private static String indented(String sql) {
        return SqlLexer.replace(sql, LINE_END, "\n" + " ".repeat(12));
    }

    /** The settings of a batch, with custom plans: PL/pgSQL would keep a generic plan, which expects ten keys. */
    private String settings() {
        return (RetryingTransaction.SETTINGS.formatted(direction.marker(plan)) + """
                ,
                set_config('plan_cache_mode', 'force_custom_plan', true)""").indent(12).strip();
    }

    private String open() {
        String end = direction == BackfillDirection.FILL || plan.undoReachesAll() ? "coalesce(max(id), 0)"
                : "coalesce((select upper_key from backfills where name = '%s'), max(id), 0)".formatted(plan.name());
        String open = """
                select coalesce(min(id)::bigint, 1) - 1, %s into _from, _end from %s;
                insert into backfills (name, state, lower_key, done_key, upper_key, started_at, updated_at)
                values ('%s', '%s', _from, _from, _end, clock_timestamp(), clock_timestamp())
                on conflict (name) do update set state = excluded.state, lower_key = excluded.lower_key,
                    done_key = excluded.done_key, upper_key = excluded.upper_key, finished_at = null,
                    waiting_for = null, requested_state = case backfills.requested_state when 'cancel' then 'run'
                        else backfills.requested_state end,
                    rows_done = case backfills.state when excluded.state then backfills.rows_done else 0 end,
                    batches = case backfills.state when excluded.state then backfills.batches else 0 end,
                    started_at = case backfills.state when excluded.state then backfills.started_at
                        else excluded.started_at end;
                delete from backfill_ranges where name = '%s';"""
                .formatted(end, plan.table(), plan.name(), direction.state, plan.name());
        return (undone() + open).indent(4).strip();
    }

    /** Ends a second undo early: it would remove what was written since the first. */
    private String undone() {
        return direction == BackfillDirection.FILL ? "" : """
                if exists (select from backfills where name = '%s' and state = 'undone') then
                    return;
                end if;
                """.formatted(plan.name());
    }

    private String close() {
        return """
                delete from backfill_ranges where name = '%2$s';
                update backfills set state = '%1$s', requested_state = 'run', waiting_for = null, done_key = upper_key,
                    finished_at = clock_timestamp()
                where name = '%2$s'""".formatted(direction.done, plan.name());
    }
}
