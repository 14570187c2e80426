package dev.supportdb.domain;

import java.util.List;

/** The rows most tests begin with. They name only columns that were there from the first day; keys count from 1. */
final class LegacyRows {

    /** Agents 1 and 2, customers 1 and 2. */
    static final String PEOPLE = """
            insert into users (email, full_name) values ('ada@support.example', 'Ada'), ('ben@support.example', 'Ben');
            insert into customers (email, name) values ('carl@example.com', 'Carl'), ('dora@example.com', 'Dora');
            """;

    private LegacyRows() {
    }

    /** Returns SQL for this many tickets of customer 1, opened in the first days of 2026, a minute apart. */
    static String tickets(int count) {
        return """
                insert into tickets (customer_id, subject, description, created_at)
                select 1, 'Ticket ' || n, 'Help', timestamp '2026-01-01' + n * interval '1 minute'
                from generate_series(1, %d) n;
                """.formatted(count);
    }

    /** Gives the first tickets these values of a text column, one each. */
    static String each(String column, List<String> values) {
        return """
                update tickets set %s = v.value
                from unnest(array['%s']) with ordinality v (value, id) where tickets.id = v.id;
                """.formatted(column, String.join("', '", values));
    }
}
