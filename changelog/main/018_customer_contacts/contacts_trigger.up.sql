create function carry_customer_contacts() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    kind text;
    was text;
    value text;
    was_contact integer;
    contact integer;
begin
    if coalesce(pg_partition_root(tg_relid), tg_relid) <> 'public.customers'::regclass then
        raise exception using errcode = 'insufficient_privilege',
            message = 'carry_customer_contacts() is for triggers of customers alone';
    end if;

    -- An empty string is no address, and what did not change is left to the fill, which may not have come here yet.
    for kind, was, value in
        select * from (values
            ('email', nullif(old.email, ''), nullif(new.email, '')),
            ('phone', nullif(old.phone, ''), nullif(new.phone, ''))) change
    loop
        continue when value is not distinct from was;

        -- The type stands in the filters so that its index, useless here, cannot tempt a planner without statistics.
        select min(id) filter (where contact_type = kind and contact_value = was),
            min(id) filter (where contact_type = kind and contact_value = value)
        into was_contact, contact
        from public.customer_contacts where customer_id = new.id;

        if value is null or contact is not null then
            update public.customers set primary_contact_id = null
            where id = new.id and primary_contact_id = was_contact;
            delete from public.customer_contacts where id = was_contact;
        elsif was_contact is not null then
            update public.customer_contacts set contact_value = value where id = was_contact returning id into contact;
        else
            insert into public.customer_contacts (customer_id, contact_type, contact_value, is_verified)
            values (new.id, kind, value, kind = 'email') returning id into contact;
        end if;

        -- The e-mail is the primary contact unless another one is.
        if kind = 'email' and contact is not null then
            update public.customer_contacts set is_primary = true
            where id = contact and not exists (
                select from public.customer_contacts where customer_id = new.id and is_primary);
            update public.customers set primary_contact_id = contact
            where id = new.id and primary_contact_id is distinct from contact and exists (
                select from public.customer_contacts where id = contact and is_primary);
        end if;
    end loop;
    return null;
end
$$;

comment on function carry_customer_contacts() is 'Carries changes of customers.email and .phone to customer_contacts';
revoke execute on function carry_customer_contacts() from public;

-- Not on primary_contact_id: what the function writes must not call it again.
create trigger carry_customer_contacts
    after insert or update of email, phone on customers
    for each row execute function carry_customer_contacts();
