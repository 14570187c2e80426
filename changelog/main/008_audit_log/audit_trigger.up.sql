create function log_ticket_changes() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    _actor text := current_setting('app.user_id', true);
    _user_id integer;
    _metadata jsonb;
    _assignee jsonb;
begin
    if coalesce(pg_partition_root(tg_relid), tg_relid) <> 'public.tickets'::regclass then
        raise exception using errcode = 'insufficient_privilege',
            message = 'log_ticket_changes() is for triggers of tickets alone';
    end if;
    -- A backfill changes the form of a value; nobody has done anything to the ticket.
    if public.current_backfill(tg_relid) <> '' then
        return null;
    end if;

    -- Locked as the foreign key will: a user who is being deleted just now is nobody, rather than an error.
    if _actor ~ '^[0-9]{1,10}$' then
        select id into _user_id from public.users where id = _actor::bigint for key share;
    end if;
    -- Who did it stands here as well: the foreign key empties user_id once that user is deleted.
    _metadata := jsonb_strip_nulls(jsonb_build_object('application_name', current_setting('application_name'),
        'session_user', session_user, 'user_id', _user_id));
    _assignee := jsonb_strip_nulls(jsonb_build_object('assigned_user_id', new.assigned_user_id));

    if tg_op = 'INSERT' then
        insert into public.ticket_audit_log (ticket_id, user_id, action, metadata)
        values (new.id, _user_id, 'created', _metadata || _assignee);
    elsif tg_op = 'DELETE' then
        insert into public.ticket_audit_log (ticket_id, user_id, action, metadata)
        values (old.id, _user_id, 'deleted', _metadata);
    else
        insert into public.ticket_audit_log (ticket_id, user_id, action, field_name, old_value, new_value, metadata)
        select new.id, _user_id, action, field_name, old_value, new_value, _metadata || more
        from (values
            (1, 'status_changed', 'status', old.status::text, new.status::text, '{}'),
            (2, 'priority_changed', 'priority', old.priority::text, new.priority::text, '{}'),
            (3, 'assigned', 'assigned_user_id', old.assigned_user_id::text, new.assigned_user_id::text, _assignee)
        ) change (number, action, field_name, old_value, new_value, more)
        where old_value is distinct from new_value
        order by number;
    end if;
    return null;
end
$$;

comment on function log_ticket_changes() is 'Logs what is done to a ticket, and who does it';
revoke execute on function log_ticket_changes() from public;

create trigger ticket_changes_trigger
after insert or delete or update of status, priority, assigned_user_id on tickets
for each row execute function log_ticket_changes();
