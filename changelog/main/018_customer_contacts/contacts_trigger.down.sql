drop trigger carry_customer_contacts on customers;
drop function carry_customer_contacts();

-- The undo of the fill covers only the keys of the fill, so the contacts of later customers are left.
-- Dropping the trigger has locked the customers, so none can change meanwhile, and this must not read the whole table.
with deleted as (
    delete from customer_contacts k
    where (select k.contact_value::text
               = case k.contact_type::text when 'email' then c.email when 'phone' then c.phone end::text
               and k.is_verified = (k.contact_type::text = 'email')
               and (k.contact_type::text = 'email' or not k.is_primary)
           from customers c where c.id = k.customer_id)
    returning id, customer_id)
update customers set primary_contact_id = null
where id = any (array(select customer_id from deleted)) and primary_contact_id = any (array(select id from deleted));
