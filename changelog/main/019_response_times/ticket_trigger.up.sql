create function keep_response_times() returns trigger
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    -- The row is locked by now, so this sees the comments of whoever wrote to the ticket before.
    new.resolution_time_seconds := seconds_between(new.created_at, new.resolved_at);
    new.first_response_time_seconds := first_response_seconds(new.id, new.created_at);
    return new;
end
$$;

comment on function keep_response_times() is 'Computes both times of a ticket that is written';
revoke execute on function keep_response_times() from public;

-- Also for the two columns themselves: an application that saves whole rows writes back times that have grown old.
-- Not for the backfill: it computes many rows at once, and its undo puts back what an application had written.
create trigger keep_response_times
    before insert or update of created_at, resolved_at, first_response_time_seconds, resolution_time_seconds on tickets
    for each row
    when (coalesce(current_setting('supportdb.backfill', true), '') not in ('response_times', 'undo response_times'))
    execute function keep_response_times();

alter table tickets disable trigger keep_response_times;
