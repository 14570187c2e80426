create function keep_ticket_audit_log() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Asks who the statement runs as. The foreign key that empties user_id runs as the owner, whoever deletes a user.
    if not pg_has_role((select relowner from pg_class where oid = tg_relid), 'usage') then
        raise exception using errcode = 'insufficient_privilege',
            message = 'ticket_audit_log is append-only',
            detail = format('%s is for its owner alone.', tg_op);
    end if;
    return null;
end
$$;

comment on function keep_ticket_audit_log() is 'Lets nobody but the owner change what is logged';
revoke execute on function keep_ticket_audit_log() from public;

create trigger keep_ticket_audit_log before update or delete or truncate on ticket_audit_log
for each statement execute function keep_ticket_audit_log();
