package dev.supportdb.domain;

import dev.supportdb.backfill.DomainData;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Recomputes every derived value of a support database at the head from its sources, and finds the rows with another
 * value. It is the only definition of "right": it shares nothing with fills and triggers.
 */
public enum DerivedValueRecount implements DomainData.Recount {

    STATUS("tickets.status is one of the five", """
            select id from tickets
            where status not in ('OPEN', 'IN_PROGRESS', 'WAITING_ON_CUSTOMER', 'RESOLVED', 'CLOSED')
            """),

    RESOLUTION_NOTES("tickets.resolution_notes is there", """
            select id from tickets where resolution_notes is null
            """),

    SATISFACTION_RATING("tickets.satisfaction_rating is the survey's", """
            select t.id from tickets t left join satisfaction_surveys s on s.ticket_id = t.id
            where t.satisfaction_rating is distinct from s.rating
            """),

    TICKET_METRICS("the three comment counters of a ticket are its comments", """
            select t.id
            from tickets t left join (
                select ticket_id, count(*) as total, count(customer_id) as customers, count(user_id) as agents
                from ticket_comments group by ticket_id) c on c.ticket_id = t.id
            where (t.total_comments, t.customer_responses, t.agent_responses)
                is distinct from (coalesce(c.total, 0), coalesce(c.customers, 0), coalesce(c.agents, 0))
            """),

    RESPONSE_TIMES("the two response times of a ticket are whole seconds since it was created", """
            select t.id
            from tickets t left join (
                select ticket_id, min(created_at) as first_at
                from ticket_comments where user_id is not null and not is_internal group by ticket_id) c
                on c.ticket_id = t.id
            where t.resolution_time_seconds is distinct from floor(extract(epoch from t.resolved_at - t.created_at))
                or t.first_response_time_seconds is distinct from floor(extract(epoch from c.first_at - t.created_at))
            """),

    CONTACTS("every e-mail and phone of a customer is a contact, once", """
            select c.id
            from customers c cross join lateral (values ('email', c.email), ('phone', c.phone)) v (type, value)
            where v.value <> '' and 1 <> (
                select count(*) from customer_contacts k
                where k.customer_id = c.id and k.contact_type = v.type and k.contact_value = v.value)
            """),

    PRIMARY_CONTACT("a customer's primary contact is a contact of that customer", """
            select c.id
            from customers c left join customer_contacts k on k.id = c.primary_contact_id
            where (c.primary_contact_id is not null and k.customer_id is distinct from c.id)
                or (c.primary_contact_id is null and c.email <> '')
            """),

    COMPUTED_SCORE("customers.computed_score is the number of messages times 0.1", """
            select c.id
            from customers c
                left join (select customer_id, count(*) as n from messages group by customer_id) m
                    on m.customer_id = c.id
            where c.computed_score is distinct from (coalesce(m.n, 0) * 0.1)::double precision
            """);

    private final String promise;
    private final String wrongRows;

    DerivedValueRecount(String promise, String wrongRows) {
        this.promise = promise;
        this.wrongRows = wrongRows;
    }

    @Override
    public String promise() {
        return promise;
    }

    @Override
    public List<Long> wrongRows(Connection connection) throws SQLException {
        List<Long> ids = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(wrongRows + " order by 1 limit 10")) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }
}
