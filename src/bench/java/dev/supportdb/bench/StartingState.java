package dev.supportdb.bench;

import dev.supportdb.domain.DerivedValueRecount;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import liquibase.exception.CommandExecutionException;

/**
 * The state of the changelog from which a fill starts, with data. Every value is arithmetic on the number of the row,
 * so that two loads of one size are equal; every seventh key is left out, as if its row had been deleted.
 */
enum StartingState {

    /** 016: tickets, with six comments a ticket and one customer for five. */
    METRICS("016_ticket_metrics", 3, "ticket_metrics", "tickets", List.of(DerivedValueRecount.TICKET_METRICS), """
            insert into users (email, full_name)
            select 'agent' || i || '@bench.example', 'Agent ' || i from generate_series(1, 50) i;

            insert into customers (id, email, name, phone)
            select i + (i - 1) / 6, 'customer' || i || '@bench.example', 'Customer ' || i, '+49 30 ' || 100000 + i
            from generate_series(1, greatest(:rows / 5, 1)) i;

            insert into tickets (id, customer_id, assigned_user_id, subject, description, status, priority, created_at,
                updated_at, total_comments, customer_responses, agent_responses)
            select i + (i - 1) / 6, customer + (customer - 1) / 6, case when i % 4 > 0 then 1 + mixed % 50 end,
                (array['Cannot log in', 'Invoice is wrong', 'Export never ends', 'How do I add a user?', 'Error 500'])
                    [1 + i % 5] || ' #' || i,
                'It happens since ' || i % 28 + 1 || ' days, on '
                    || (array['Windows', 'macOS', 'Linux', 'my phone'])[1 + mixed % 4] || '.',
                (array['OPEN', 'IN_PROGRESS', 'WAITING_ON_CUSTOMER', 'RESOLVED', 'CLOSED'])[1 + mixed % 5],
                (array['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + mixed % 6]::ticket_priority_enum,
                timestamp '2023-01-02' + i * interval '1 minute', timestamp '2023-01-03' + i * interval '1 minute',
                null, null, null
            from generate_series(1, :rows) i
            cross join lateral (select (i * 2654435761 % 4294967296 / 256)::integer as mixed) number
            cross join lateral (select 1 + mixed % greatest(:rows / 5, 1) as customer) author;

            -- In the order of time: those of one ticket stand among those of the thousand next to it.
            insert into ticket_comments (ticket_id, user_id, customer_id, content, is_internal, created_at)
            select ticket_id, case when mixed % 100 < 48 then 1 + mixed / 100 % 50 end,
                case when mixed % 100 between 48 and 92 then customer_id end,
                (array['Thank you, that helped.', 'Could you send a screenshot?', 'Still broken.', 'We look into it.',
                    'Any news?'])[1 + mixed % 5],
                mixed % 100 < 16, created_at
            from (
                select t.id as ticket_id, t.customer_id, t.created_at + n * interval '3 hours' as created_at,
                    ((t.id * 331::bigint + n) * 2654435761 % 4294967296 / 256)::integer as mixed
                from tickets t
                cross join lateral (select id - id / 7 as number) ticket
                cross join lateral generate_series(1, case when number % 1000 = 10 then 300
                    else (array[0, 1, 3, 4, 6, 7, 8, 9, 9, 10])[1 + number % 10] end) n
            ) comment
            order by created_at, ticket_id;
            """),

    /** 018: customers, all with an e-mail address and four of five with a phone number. */
    CONTACTS("018_customer_contacts", 3, "customer_contacts", "customers",
            List.of(DerivedValueRecount.CONTACTS, DerivedValueRecount.PRIMARY_CONTACT), """
            insert into customers (id, email, name, phone)
            select i + (i - 1) / 6, 'customer' || i || '@bench.example', 'Customer ' || i,
                case when i % 5 > 0 then '+49 30 ' || 100000 + i end
            from generate_series(1, :rows) i;
            """);

    /** The name of the backfill, in the table {@code backfills}. */
    final String backfill;

    /** The table that is filled. */
    final String table;

    /** The conditions after the fill. */
    final List<DerivedValueRecount> recounts;

    private final String feature;

    /** The number of changesets between the tag and the fill. */
    private final int changesets;

    private final String rows;

    StartingState(String feature, int changesets, String backfill, String table, List<DerivedValueRecount> recounts,
            String rows) {
        this.feature = feature;
        this.changesets = changesets;
        this.backfill = backfill;
        this.table = table;
        this.recounts = recounts;
        this.rows = rows;
    }

    /** Makes a template: the changelog up to the fill, and so many rows in {@link #table}. */
    BenchDatabase make(BenchServer server, long count) throws SQLException, CommandExecutionException {
        BenchDatabase database = server.empty();
        LiquibaseRunner migration = new LiquibaseRunner(database.target());
        migration.updateTo("before-" + feature);
        migration.update(changesets);
        try (Connection connection = database.connect("bench"); Statement statement = connection.createStatement()) {
            SchemaFingerprint changelog = SchemaFingerprint.of(connection);
            load(statement, rows.replace(":rows", Long.toString(count)));
            Difference difference = Difference.between(changelog, SchemaFingerprint.of(connection));
            if (!difference.isEmpty()) {
                throw new IllegalStateException("Loading has changed the schema:\n" + difference);
            }
        }
        return database;
    }

    /**
     * Into tables that were never written to, and with indexes built afterwards: all of it is packed, no page has room
     * that would flatter whoever writes next. A replica's triggers do not fire, so no foreign key is checked.
     */
    private void load(Statement statement, String sql) throws SQLException {
        statement.execute("set session_replication_role = replica");
        statement.execute("set maintenance_work_mem = '256MB'");
        statement.execute("set work_mem = '256MB'");
        List<String> indexes = dropIndexes(statement);
        statement.execute(sql);
        for (String index : indexes) {
            statement.execute(index);
        }
        // Not customer_contacts: for a table with statistics that say empty, the planner scans the whole table.
        statement.execute("vacuum (analyze) users, customers, tickets, ticket_comments");
    }

    /**
     * Drops what can be made again as it was, and says how. A constraint's index stays, and so does a partial one,
     * whose condition would come back in other words; these are built anew.
     */
    private static List<String> dropIndexes(Statement statement) throws SQLException {
        List<String> make = new ArrayList<>();
        List<String> drop = new ArrayList<>();
        try (ResultSet row = statement.executeQuery("""
                select case when stays then 'reindex index ' || indexrelid::regclass
                        else pg_get_indexdef(indexrelid) end,
                    case when not stays then 'drop index ' || indexrelid::regclass end
                from pg_index
                cross join lateral (
                    select indpred is not null or exists (select from pg_constraint where conindid = indexrelid)
                ) index (stays)
                where indrelid in ('customers'::regclass, 'tickets'::regclass, 'ticket_comments'::regclass)
                order by indexrelid
                """)) {
            while (row.next()) {
                make.add(row.getString(1));
                if (row.getString(2) != null) {
                    drop.add(row.getString(2));
                }
            }
        }
        for (String index : drop) {
            statement.execute(index);
        }
        return make;
    }
}
