do $swap$
declare
    _trigger record;
    _definition text;
    _definitions text[] := '{}';
begin
    lock table tickets in access exclusive mode;
    -- A trigger is bound to the number of a column. One that names priority has to follow the name to the other column.
    for _trigger in
        select tgname as name, pg_get_triggerdef(oid) as definition
        from pg_trigger
        where tgrelid = 'tickets'::regclass and not tgisinternal and tgname <> 'sync_ticket_priority'
            and exists (select from pg_depend join pg_attribute on attrelid = refobjid and attnum = refobjsubid
                        where classid = 'pg_trigger'::regclass and objid = pg_trigger.oid
                            and refclassid = 'pg_class'::regclass and refobjid = tgrelid and attname = 'priority')
    loop
        _definitions := _definitions || _trigger.definition;
        execute format('drop trigger %I on tickets', _trigger.name);
    end loop;

    alter table tickets rename column priority to priority_old;
    alter table tickets rename column priority_new to priority;
    alter table tickets alter column priority set default 'normal';
    alter index ix_tickets_priority rename to ix_tickets_priority_old;
    alter index ix_tickets_priority_new rename to ix_tickets_priority;
    alter index ix_tickets_priority_status rename to ix_tickets_priority_status_old;
    alter index ix_tickets_priority_status_new rename to ix_tickets_priority_status;

    foreach _definition in array _definitions loop
        execute _definition;
    end loop;
end
$swap$
