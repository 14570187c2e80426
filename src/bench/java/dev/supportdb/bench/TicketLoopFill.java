package dev.supportdb.bench;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The comment counters as migration scripts often compute them: page after page of keys by OFFSET, and for each ticket
 * three counts and an update, all in one transaction. Such scripts sleep between two pages; this one does not.
 */
final class TicketLoopFill {

    static final FillStrategy CONTESTANT = new TransactionFill("four statements a ticket", TicketLoopFill::run);

    private static final int PAGE = 1_000;

    private TicketLoopFill() {
    }

    private static void run(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            long done = 0;
            for (List<Long> page = page(statement, done); !page.isEmpty(); page = page(statement, done)) {
                for (long id : page) {
                    count(statement, id);
                }
                done += page.size();
            }
        }
    }

    private static List<Long> page(Statement statement, long offset) throws SQLException {
        List<Long> ids = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(
                "select id from tickets order by id limit %d offset %d".formatted(PAGE, offset))) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }

    private static void count(Statement statement, long id) throws SQLException {
        long total = comments(statement, id, "");
        long customer = comments(statement, id, " and customer_id is not null");
        long agent = comments(statement, id, " and user_id is not null");
        statement.executeUpdate("""
                update tickets set total_comments = %d, customer_responses = %d, agent_responses = %d where id = %d
                """.formatted(total, customer, agent, id));
    }

    private static long comments(Statement statement, long ticket, String condition) throws SQLException {
        try (ResultSet row = statement.executeQuery(
                "select count(*) from ticket_comments where ticket_id = " + ticket + condition)) {
            row.next();
            return row.getLong(1);
        }
    }
}
