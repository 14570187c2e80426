drop trigger carry_customer_contacts on customers;
drop function carry_customer_contacts();

-- The undo of the fill reaches as far as the fill did: what is left are the contacts of customers who came since.
-- Dropping the trigger has locked the customers, so none can change in between.
delete from customer_contacts k
using customers c
where c.id = k.customer_id
    and k.contact_value = case k.contact_type when 'email' then c.email when 'phone' then c.phone end;
