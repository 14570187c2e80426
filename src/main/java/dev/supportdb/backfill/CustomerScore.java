package dev.supportdb.backfill;

/**
 * Computes {@code customers.computed_score}, the number of messages times 0.1, for the customers that were there before
 * triggers did. NULL marks a customer not scored yet.
 */
public final class CustomerScore extends Backfill {

    @Override
    protected Plan plan() {
        return Plan.of("customer_score", "customers")
                // The range bounds the messages too: a merge join would otherwise read all those before it.
                .fill("computed_score is null", """
                        update customers set computed_score = counted.messages * 0.1
                        from (select c.id, count(m.customer_id) as messages
                              from customers c
                              left join messages m
                                  on m.customer_id = c.id and m.customer_id > :from and m.customer_id <= :to
                              where c.id > :from and c.id <= :to and c.computed_score is null
                              group by c.id) counted
                        where customers.id = counted.id and customers.id > :from and customers.id <= :to
                        """)
                .undo("computed_score is not null", """
                        update customers set computed_score = null
                        where id > :from and id <= :to and computed_score is not null
                        """);
    }
}
