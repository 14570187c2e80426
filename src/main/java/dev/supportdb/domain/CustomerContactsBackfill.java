package dev.supportdb.domain;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.backfill.BackfillPlan;

/**
 * Creates a contact for every e-mail address and phone number in {@code customers}, and makes the e-mail contact the
 * customer's primary one. An empty string is no address.
 *
 * <p>Existing contacts are left unchanged, and a customer with another primary contact keeps it. A contact gets the
 * creation time of its customer, the only past time that is known; the clock would give every run different data.
 *
 * <p>The undo deletes the contacts that repeat a value of {@code customers} and have the mark of the fill, and the
 * references to them; contacts that only the new shape has are kept.
 */
public final class CustomerContactsBackfill extends Backfill {

    /**
     * "Is not distinct from" is an equality that no index serves. The table is new and has no statistics yet, and with
     * "=" the planner might choose the index on the type, which matches half the table, instead of the one on the
     * customer.
     */
    private static final String PENDING = """
            exists (
                select from (values ('email', email::text), ('phone', phone::text)) said (contact_type, contact_value)
                where said.contact_value <> '' and not exists (
                    select from customer_contacts k
                    where k.customer_id = customers.id and k.contact_type::text is not distinct from said.contact_type
                        and k.contact_value::text = said.contact_value))
            """;

    /** Inserts a customer's e-mail before the phone. Otherwise the id of a contact would depend on the batches. */
    private static final String FILL = """
            with extracted as (
                insert into customer_contacts
                    (customer_id, contact_type, contact_value, is_primary, is_verified, created_at)
                select c.id, said.contact_type, said.contact_value,
                    said.contact_type = 'email' and not exists (
                        select from customer_contacts k
                        where k.customer_id = c.id and k.customer_id = any(:keys) and k.is_primary),
                    said.contact_type = 'email', c.created_at
                from customers c
                cross join lateral (
                    values ('email', c.email::text), ('phone', c.phone::text)) said (contact_type, contact_value)
                where c.id = any(:keys) and said.contact_value <> '' and not exists (
                    select from customer_contacts k
                    where k.customer_id = c.id and k.customer_id = any(:keys)
                        and k.contact_type::text is not distinct from said.contact_type
                        and k.contact_value::text = said.contact_value)
                order by c.id, said.contact_type
                returning id, customer_id, is_primary)
            update customers c set primary_contact_id = e.id
            from extracted e
            where c.id = e.customer_id and e.is_primary and c.id = any(:keys)
            """;

    private static final String AS_THE_FILL_MAKES_THEM = """
            k.customer_id = customers.id
                and k.contact_value::text
                    = case k.contact_type::text when 'email' then email when 'phone' then phone end::text
                and k.is_verified = (k.contact_type::text = 'email')
                and (k.contact_type::text = 'email' or not k.is_primary)
            """;

    /**
     * "Offset 0" keeps the planner from choosing a join that reads all contacts: it has no statistics of a new table.
     */
    private static final String FILLED =
            "exists (select from customer_contacts k where " + AS_THE_FILL_MAKES_THEM + " offset 0)";

    private static final String UNDO = """
            with deleted as (
                delete from customer_contacts k
                using customers
                where %s and customers.id = any(:keys) and k.customer_id = any(:keys)
                returning k.id, k.customer_id)
            update customers c set primary_contact_id = null
            from deleted d
            where c.id = d.customer_id and c.primary_contact_id = d.id and c.id = any(:keys)
            """.formatted(AS_THE_FILL_MAKES_THEM);

    @Override
    protected BackfillPlan plan() {
        return BackfillPlan.of("customer_contacts", "customers").fill(PENDING, FILL).undo(FILLED, UNDO);
    }
}
