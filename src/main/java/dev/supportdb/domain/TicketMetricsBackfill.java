package dev.supportdb.domain;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.backfill.BackfillPlan;

/**
 * Counts the comments of tickets that are older than the triggers: {@code tickets.total_comments},
 * {@code customer_responses} and {@code agent_responses}. NULL marks a ticket not counted yet.
 */
public final class TicketMetricsBackfill extends Backfill {

    @Override
    protected BackfillPlan plan() {
        return BackfillPlan.of("ticket_metrics", "tickets")
                // The keys also limit the comments: otherwise another join strategy would read all of them.
                .fill("total_comments is null", """
                        update tickets set
                            total_comments = counted.total,
                            customer_responses = counted.customer,
                            agent_responses = counted.agent
                        from (select t.id, count(c.id) as total, count(c.customer_id) as customer,
                                  count(c.user_id) as agent
                              from tickets t
                              left join ticket_comments c on c.ticket_id = t.id and c.ticket_id = any(:keys)
                              where t.id = any(:keys)
                              group by t.id) counted
                        where tickets.id = counted.id and tickets.id = any(:keys)
                        """)
                .undo("total_comments is not null", """
                        update tickets set total_comments = null, customer_responses = null, agent_responses = null
                        where id = any(:keys)
                        """);
    }
}
