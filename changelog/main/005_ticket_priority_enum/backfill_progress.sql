create view backfill_progress as
select name, state,
    round(case when keys_all > 0 then 100 * (1 - keys_left / keys_all) else 100 end, 1) as percent,
    rows_done, batches, rows_per_second::bigint,
    case when seconds_left < 1e9 then date_trunc('second', make_interval(secs => seconds_left::double precision)) end
        as time_left,
    batch_ms, wanted, held, started_at, finished_at
from (
    select *,
        -- As many keys as are left, at the rows a second of now and the rows a key so far.
        case when rows_per_second > 0 and keys_left < keys_all then
            keys_left * rows_done / (keys_all - keys_left) / rows_per_second
        end as seconds_left
    from (
        select b.name, b.state, b.wanted, coalesce(b.held, max(r.refusal)) as held, b.started_at, b.finished_at,
            b.end_key::numeric - b.first_key as keys_all,
            -- A script has no ranges.
            coalesce(sum((r.to_key::numeric - r.from_key) * (1 - coalesce(r.rows_done / r.rows_pending::numeric, 0)))
                filter (where not r.again), b.end_key::numeric - b.last_key) as keys_left,
            (b.rows_done + coalesce(sum(r.rows_done), 0))::bigint as rows_done,
            (b.batches + coalesce(sum(r.batches), 0))::bigint as batches,
            max(r.batch_ms) filter (where r.updated_at > clock_timestamp() - interval '10 seconds') as batch_ms,
            sum(r.rows_done / extract(epoch from r.updated_at - r.opened_at))
                filter (where r.updated_at > clock_timestamp() - interval '10 seconds' and r.updated_at > r.opened_at)
                as rows_per_second
        from backfills b left join backfill_ranges r using (name)
        group by b.name) counted) progress;

comment on view backfill_progress is 'How far each backfill has come, how fast it goes and what it waits for';
comment on column backfill_progress.percent is 'How much of the keys is done';
comment on column backfill_progress.rows_done is 'How many rows were written';
comment on column backfill_progress.batches is 'In how many transactions';
comment on column backfill_progress.rows_per_second is 'How fast it has been in the ranges it is in, rests included';
comment on column backfill_progress.time_left is 'How long the rest will take at this rate';
comment on column backfill_progress.batch_ms is 'How long the longest of the latest batches took, in milliseconds';
comment on column backfill_progress.held is 'What it waits for; NULL while it does not';
