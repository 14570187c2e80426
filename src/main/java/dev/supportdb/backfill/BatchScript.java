package dev.supportdb.backfill;

/**
 * A plan as SQL to review and to run by hand: the same statements, in a loop that commits every batch. It needs no
 * transaction around it, as psql without {@code -1} gives it.
 */
final class BatchScript {

    private static final int BATCH = 2_000;

    private final Plan plan;
    private final Direction direction;
    private final Pass pass;

    BatchScript(Plan plan, Direction direction) {
        this.plan = plan;
        this.direction = direction;
        this.pass = direction.pass(plan);
    }

    String text() {
        return script(pass.prepare()) + (pass.statement() == null ? "" : loop()) + script(pass.finish()) + close();
    }

    private static String script(String sql) {
        return sql == null ? "" : "begin;\n" + sql.strip().replaceFirst(";$", "") + ";\ncommit;\n";
    }

    private String loop() {
        return """
                do $backfill$
                declare
                    _from bigint;
                    _to bigint;
                    _end bigint;
                    _rows bigint;
                    _tries integer := 0;
                begin
                    %s
                    commit;
                    while _from < _end loop
                        perform %s;
                        select coalesce(max(id), _end) into _to
                        from (select id from %s where id > _from and id <= _end order by id limit %d) range;
                        begin
                            perform from %s where id > _from and id <= _to and (%s) order by id for no key update;
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
                        update backfills set last_key = _to, rows_done = rows_done + _rows, batches = batches + 1,
                            updated_at = clock_timestamp()
                        where name = '%s';
                        commit;
                        _from := _to;
                        _tries := 0;
                    end loop;
                end
                $backfill$;
                """.formatted(open(), settings(), plan.table(), BATCH, plan.table(),
                        pass.pending() == null ? "true" : pass.pending(),
                        indent(Plan.bounded(pass.statement(), "_from", "_to")), plan.name());
    }

    private String settings() {
        return BatchRun.SETTINGS.formatted(direction.marker(plan)).indent(12).strip();
    }

    private String open() {
        String end = direction == Direction.FILL ? "coalesce(max(id), 0)"
                : "coalesce((select end_key from backfills where name = '%s'), max(id), 0)".formatted(plan.name());
        return """
                select coalesce(min(id)::bigint, 1) - 1, %s into _from, _end from %s;
                insert into backfills (name, state, last_key, end_key, started_at, updated_at)
                values ('%s', '%s', _from, _end, clock_timestamp(), clock_timestamp())
                on conflict (name) do update set state = excluded.state, last_key = excluded.last_key;"""
                .formatted(end, plan.table(), plan.name(), direction.state).indent(4).strip();
    }

    private String close() {
        if (pass.statement() == null) {
            return "";
        }
        return direction == Direction.FILL
                ? "update backfills set state = 'filled', finished_at = clock_timestamp() where name = '%s'"
                        .formatted(plan.name())
                : "delete from backfills where name = '%s'".formatted(plan.name());
    }

    private static String indent(String statement) {
        return statement.strip().replaceFirst(";$", "").indent(12).strip();
    }
}
