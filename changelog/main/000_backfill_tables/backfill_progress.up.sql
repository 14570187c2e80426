create view backfill_progress as
select name, state,
    round(case when keys_all > 0 then 100 * (1 - keys_left / keys_all) else 100 end, 1) as percent,
    rows_done, batches, rows_per_second::bigint,
    case when seconds_left < 1e9 then date_trunc('second', make_interval(secs => seconds_left::double precision)) end
        as time_left,
    last_batch_ms, requested_state, waiting_for, started_at, finished_at
from (
    select *,
        -- As many keys as are left, at the rows a second of now and the rows a key so far.
        case when rows_per_second > 0 and keys_left < keys_all then
            keys_left * rows_done / (keys_all - keys_left) / rows_per_second
        end as seconds_left
    from (
        select b.name, b.state, b.requested_state, coalesce(b.waiting_for, max(r.last_failure)) as waiting_for,
            b.started_at, b.finished_at, b.upper_key::numeric - b.lower_key as keys_all,
            -- A script has no ranges.
            coalesce(sum((r.to_key::numeric - r.from_key) * (1 - coalesce(r.rows_done / r.rows_pending::numeric, 0)))
                filter (where not r.recheck), b.upper_key::numeric - b.done_key) as keys_left,
            (b.rows_done + coalesce(sum(r.rows_done), 0))::bigint as rows_done,
            (b.batches + coalesce(sum(r.batches), 0))::bigint as batches,
            max(r.last_batch_ms) filter (where r.updated_at > clock_timestamp() - interval '10 seconds')
                as last_batch_ms,
            sum(r.rows_done / extract(epoch from r.updated_at - r.opened_at))
                filter (where r.updated_at > clock_timestamp() - interval '10 seconds' and r.updated_at > r.opened_at)
                as rows_per_second
        from backfills b left join backfill_ranges r on r.name::text = b.name::text
        group by b.name) counted) progress;

comment on view backfill_progress is 'How far each backfill has come, how fast it goes and what it waits for';
comment on column backfill_progress.name is 'Name of the backfill';
comment on column backfill_progress.state is 'filling, filled, undoing or undone';
comment on column backfill_progress.percent is 'Share of the keys that is done';
comment on column backfill_progress.rows_done is 'Number of rows written';
comment on column backfill_progress.batches is 'Number of transactions';
comment on column backfill_progress.rows_per_second is 'Rate in the ranges it is in, pauses included';
comment on column backfill_progress.time_left is 'Time it will still take at this rate';
comment on column backfill_progress.last_batch_ms is 'Time the longest of the latest batches took, in milliseconds';
comment on column backfill_progress.requested_state is 'run, pause or cancel';
comment on column backfill_progress.waiting_for is 'Reason why it waits; NULL while it does not';
comment on column backfill_progress.started_at is 'Time it began';
comment on column backfill_progress.finished_at is 'Time it was filled or undone; NULL until then';
