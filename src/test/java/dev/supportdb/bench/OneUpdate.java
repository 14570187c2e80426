package dev.supportdb.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** The comment counters by one statement over the whole table, as one would write it by hand. */
final class OneUpdate {

    static final Contestant CONTESTANT = new JdbcProgram("one UPDATE", OneUpdate::run);

    private OneUpdate() {
    }

    private static void run(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("""
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
        }
    }
}
