package dev.supportdb.domain;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.backfill.BackfillPlan;

/**
 * Computes {@code customers.computed_score}, the number of messages times 0.1, for customers that are older than the
 * triggers. NULL marks a customer without a score yet.
 */
public final class CustomerScoreBackfill extends Backfill {

    @Override
    protected BackfillPlan plan() {
        return BackfillPlan.of("customer_score", "customers")
                // The keys also limit the messages: otherwise another join strategy would read all of them.
                .fill("computed_score is null", """
                        update customers set computed_score = counted.messages::numeric * 0.1
                        from (select c.id, count(m.customer_id) as messages
                              from customers c
                              left join messages m on m.customer_id = c.id and m.customer_id = any(:keys)
                              where c.id = any(:keys)
                              group by c.id) counted
                        where customers.id = counted.id and customers.id = any(:keys)
                        """)
                .undo("computed_score is not null", """
                        update customers set computed_score = null where id = any(:keys)
                        """);
    }
}
