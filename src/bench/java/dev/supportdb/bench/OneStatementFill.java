package dev.supportdb.bench;

import java.sql.Statement;

/** A fill by one statement over the whole table, as one would write it by hand. */
final class OneStatementFill {

    /** The comment counters. */
    static final FillStrategy METRICS = program("one UPDATE", """
            update tickets set
                total_comments = counted.total,
                customer_responses = counted.customer,
                agent_responses = counted.agent
            from (select t.id, count(c.id) as total, count(c.customer_id) as customer,
                      count(c.user_id) as agent
                  from tickets t
                  left join ticket_comments c on c.ticket_id = t.id
                  where t.total_comments is null
                  group by t.id) counted
            where tickets.id = counted.id
            """);

    /** The contacts of all customers. */
    static final FillStrategy CONTACTS = program("one statement", """
            with extracted as (
                insert into customer_contacts (customer_id, contact_type, contact_value, is_primary, is_verified)
                select c.id, said.contact_type, said.contact_value, said.contact_type = 'email',
                    said.contact_type = 'email'
                from customers c
                cross join lateral (values ('email', c.email), ('phone', c.phone)) said (contact_type, contact_value)
                where said.contact_value <> ''
                returning id, customer_id, is_primary)
            update customers set primary_contact_id = extracted.id
            from extracted
            where customers.id = extracted.customer_id and extracted.is_primary
            """);

    private OneStatementFill() {
    }

    private static FillStrategy program(String name, String sql) {
        return new TransactionFill(name, connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate(sql);
            }
        });
    }
}
