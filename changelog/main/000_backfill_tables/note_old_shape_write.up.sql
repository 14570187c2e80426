create function note_old_shape_write(of_feature text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    _setting constant text := 'supportdb.noted_' || of_feature;
    _application constant text := current_setting('application_name');
    -- With the application's name: behind a pooler one session is that of many.
    _minute constant text := _application || ' ' || extract(epoch from clock_timestamp())::bigint / 60;
begin
    if current_setting(_setting, true) = _minute then
        return;
    end if;
    begin
        -- No writer waits for a note, and none has to be kept in one place: a row more conflicts with nothing.
        lock table public.old_shape_writes in row exclusive mode nowait;
        -- One a minute is enough also of sessions that come and go. A serializable transaction that reads what others
        -- write could fail for it, and does not read.
        if current_setting('transaction_isolation') = 'serializable'
            or not exists (select from public.old_shape_writes
                           where feature = of_feature::varchar and application_name = _application
                               and seen_at > clock_timestamp() - interval '1 minute')
        then
            insert into public.old_shape_writes (feature, application_name, username, seen_at)
            values (of_feature, _application, session_user, clock_timestamp());
        end if;
        perform set_config(_setting, _minute, false);
    exception
        when lock_not_available then
            null;
    end;
end
$$;

comment on function note_old_shape_write(text) is
    'For triggers that run as their owner: notes that an application writes the old shape of a feature';
revoke execute on function note_old_shape_write(text) from public;
