-- The audit log of a system in use, including tickets that were deleted later.
insert into ticket_audit_log (ticket_id, user_id, action, field_name, old_value, new_value, changed_at)
select id + case when id % 10 = 0 then 100000000 else 0 end, assigned_user_id, 'status_changed', 'status', 'OPEN', status,
    updated_at
from tickets
where id % 2 = 0
order by id;
