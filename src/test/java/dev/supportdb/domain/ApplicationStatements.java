package dev.supportdb.domain;

import java.util.List;
import java.util.stream.Stream;

/**
 * The writes of applications, as statements for {@link ConcurrentWriters}. A statement locks the row it refers to
 * before it uses its key, so that no deletion in between makes it fail: every failure is caused by the changelog.
 */
public final class ApplicationStatements {

    private static final String A_TICKET = "(select id from tickets where id >= :ticket order by id limit 1)";
    private static final String A_COMMENT = "(select id from ticket_comments where id >= :comment order by id limit 1)";
    private static final String A_CUSTOMER = "(select id from customers where id >= :customer order by id limit 1)";
    private static final String A_MESSAGE =
            "(select id from messages where id >= 1 + :comment % 10000 order by id limit 1)";
    private static final String LOCKED_TICKET = "(select * from tickets where id = A_TICKET for key share) t";
    private static final String LOCKED_CUSTOMER = "(select id from customers where id = A_CUSTOMER for key share) c";

    /** Users and customers the writers made themselves are the ones they delete; the others have thousands of rows. */
    private static final String NEW_USER = "(select max(id) from users where email like 'writer%')";
    private static final String NEW_CUSTOMER = "(select max(id) from customers where email like 'writer%')";

    /** Comments are written, several at once, edited, moved, deleted; users come and go, tickets too. */
    public static final List<String> CONVERSATIONS = resolve(
            """
            insert into ticket_comments (ticket_id, customer_id, content)
            select id, customer_id, 'Q :n' from LOCKED_TICKET
            """,
            """
            insert into ticket_comments (ticket_id, user_id, content, is_internal)
            select t.id, u.id, 'A :n', :n % 3 = 0
            from LOCKED_TICKET cross join (select id from users where id = NEW_USER for key share) u
            """,
            """
            insert into ticket_comments (ticket_id, content, is_internal, created_at)
            select id, 'Note ' || n, n % 2 = 0, created_at + :n * interval '1 second'
            from LOCKED_TICKET cross join generate_series(1, 3) n
            """,
            "update ticket_comments set content = 'Edited :n' where id = A_COMMENT",
            "update ticket_comments set is_internal = not is_internal where id = A_COMMENT",
            "update ticket_comments set created_at = created_at - interval '1 hour' where id = A_COMMENT",
            "update ticket_comments c set ticket_id = t.id from LOCKED_TICKET where c.id = A_COMMENT",
            "delete from ticket_comments where id = A_COMMENT",
            "insert into users (email, full_name) values ('writer:unique@example.org', 'Writer')",
            "delete from users where id = NEW_USER and :n % 4 = 0",
            "insert into tickets (customer_id, subject, description) select id, 'New', ':n' from LOCKED_CUSTOMER",
            "delete from tickets where id = A_TICKET and :n % 4 = 0");

    /** Tickets change as a client from before 006 changes them; what it wrote last is noted beside. */
    static final List<String> OLD_TICKETS = tickets(
            ":[open|new|working|pending|customer_reply|resolved|fixed|closed|done|escalated|]",
            ":[low|normal|high|urgent|critical|P1|HIGH|]");

    /** New tickets with the statuses that remain. */
    static final List<String> NEW_TICKETS = tickets(
            ":[OPEN|IN_PROGRESS|WAITING_ON_CUSTOMER|RESOLVED|CLOSED]", ":[low|normal|high|urgent]");

    /** Tickets are resolved and reopened, imported with another date, edited. */
    static final List<String> RESOLUTIONS = resolve(
            """
            update tickets set status = 'RESOLVED', resolved_at = created_at + :n * interval '1.5 seconds'
            where id = A_TICKET
            """,
            "update tickets set status = 'OPEN', resolved_at = null where id = A_TICKET",
            "update tickets set created_at = created_at - interval '1 day' where id = A_TICKET",
            "update tickets set subject = 'Edited :n' where id = A_TICKET");

    public static final List<String> CUSTOMERS = resolve(
            "insert into customers (email, name, phone) values ('writer:unique@example.org', 'Writer', '+1 :n')",
            "insert into customers (email, name) values ('writer:unique@example.org', 'Writer')",
            "update customers set email = 'moved:unique@example.org' where id = A_CUSTOMER",
            "update customers set phone = (array[null, '', '+1 :n'])[1 + :n % 3] where id = A_CUSTOMER",
            "update customers set email = 'both:unique@example.org', phone = '+2 :n' where id = A_CUSTOMER",
            "update customers set company = 'Company :n' where id = A_CUSTOMER",
            "delete from customers where id = NEW_CUSTOMER");

    static final List<String> SURVEYS = resolve(
            """
            insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at)
            select id, customer_id, 1 + :n % 5, created_at from LOCKED_TICKET on conflict do nothing
            """,
            "update satisfaction_surveys set rating = 1 + :n % 5 where ticket_id = :ticket",
            "delete from satisfaction_surveys where ticket_id = :ticket");

    static final List<String> MESSAGES = resolve(
            """
            insert into messages (customer_id, direction, channel, body)
            select id, 'inbound', 'email', 'Message :n' from LOCKED_CUSTOMER
            """,
            """
            insert into messages (customer_id, direction, channel, body)
            select c.id, 'outbound', 'email', 'Message ' || n
            from LOCKED_CUSTOMER cross join generate_series(1, 3) n
            """,
            "update messages m set customer_id = c.id from LOCKED_CUSTOMER where m.id = A_MESSAGE",
            "delete from messages where id = A_MESSAGE");

    /**
     * The statements of an application with the newest schema, whose data also fits the shape before 002. Each
     * statement returns the cells of the rows it has written: table, key, column, value, and when it had their locks. A
     * deleted row has no column.
     */
    public static final List<String> OF_BOTH_SHAPES = Stream.of(
            wrote("tickets", "update tickets set status = STATUS where id = A_TICKET",
                    "update tickets set priority = PRIORITY where id = A_TICKET",
                    "update tickets set subject = rpad('Subject :n ', 1 + :n % 500, 'ü漢字é ') where id = A_TICKET",
                    "update tickets set description = 'Edited :n', updated_at = localtimestamp where id = A_TICKET",
                    """
                    update tickets set assigned_user_id = (select id from users where id >= :n % 60 order by id limit 1)
                    where id = A_TICKET
                    """,
                    "update tickets set status = 'RESOLVED', resolved_at = localtimestamp where id = A_TICKET",
                    "update tickets set status = 'OPEN', resolved_at = null where id = A_TICKET",
                    """
                    insert into tickets (customer_id, subject, description) select id, 'New', ':n' from LOCKED_CUSTOMER
                    """, """
                    insert into tickets (customer_id, subject, description, status, priority)
                    select id, 'New', ':n', STATUS, PRIORITY from LOCKED_CUSTOMER
                    """),
            wrote("ticket_comments", """
                    insert into ticket_comments (ticket_id, customer_id, content)
                    select id, customer_id, 'Q :n' from LOCKED_TICKET
                    """, """
                    insert into ticket_comments (ticket_id, user_id, content, is_internal)
                    select id, (select id from users where id >= :n % 60 order by id limit 1), 'A :n', :n % 3 = 0
                    from LOCKED_TICKET
                    """,
                    "update ticket_comments set content = 'Edited :n' where id = A_COMMENT",
                    "update ticket_comments set is_internal = not is_internal where id = A_COMMENT",
                    """
                    update ticket_comments set ticket_id = t.id from LOCKED_TICKET where ticket_comments.id = A_COMMENT
                    """),
            wrote("customers",
                    "insert into customers (email, name, phone) values ('new:unique@example.org', 'New', '+1 :n')",
                    "insert into customers (email, name) values ('new:unique@example.org', 'New')",
                    "update customers set email = 'moved:unique@example.org' where id = A_CUSTOMER",
                    "update customers set phone = (array[null, '', '+1 :n'])[1 + :n % 3] where id = A_CUSTOMER",
                    "update customers set email = 'both:unique@example.org', phone = '+2 :n' where id = A_CUSTOMER",
                    "update customers set name = 'Customer :n', company = 'Company :n' where id = A_CUSTOMER"),
            wrote("users", "insert into users (email, full_name) values ('new:unique@example.org', 'New')",
                    "update users set is_active = not is_active where id = 1 + :n % 60"),
            removed("tickets", "delete from tickets where id = A_TICKET and :n % 4 = 0"),
            removed("ticket_comments", "delete from ticket_comments where id = A_COMMENT"))
            .flatMap(List::stream)
            .map(sql -> sql.replace("STATUS", ":[OPEN|IN_PROGRESS|WAITING_ON_CUSTOMER|RESOLVED|CLOSED]")
                    .replace("PRIORITY", ":[low|normal|high|urgent]"))
            .toList();

    /** The statements whose data only the new shape can hold. */
    public static final List<String> OF_THE_NEW_SHAPE = Stream.of(SURVEYS, MESSAGES, resolve(
            "insert into tags (name, color, created_at) values ('tag :unique', '#808080', localtimestamp)",
            """
            insert into ticket_tags (ticket_id, tag_id, created_at)
            select t.id, g.id, localtimestamp
            from LOCKED_TICKET cross join (select id from tags order by id desc limit 1) g on conflict do nothing
            """,
            """
            insert into customer_contacts (customer_id, contact_type, contact_value)
            select id, 'mobile', '+3 :n' from LOCKED_CUSTOMER
            """,
            "update tickets set resolution_notes = 'Noted :n' where id = A_TICKET",
            "update tickets set sla_deadline = created_at + interval '1 day' where id = A_TICKET",
            "update tickets set subcategory_id = (select min(id) from ticket_categories) where id = A_TICKET"))
            .flatMap(List::stream).toList();

    private ApplicationStatements() {
    }

    private static List<String> wrote(String table, String... statements) {
        return returning("cell.key, cell.value", "cross join jsonb_each_text(to_jsonb(written)) cell",
                table, statements);
    }

    private static List<String> removed(String table, String... statements) {
        return returning("null, null", "", table, statements);
    }

    private static List<String> returning(String cells, String from, String table, String... statements) {
        return resolve(statements).stream().map(sql -> """
                with written as (%s returning %s.*)
                select '%s', id, %s, clock_timestamp() from written %s
                """.formatted(sql.strip(), table, table, cells, from)).toList();
    }

    private static List<String> tickets(String statuses, String priorities) {
        return resolve("""
                with written as (
                    insert into tickets (customer_id, subject, description)
                    select id, 'By default', ':n' from LOCKED_CUSTOMER returning id)
                insert into application.tickets select id, 'open', 'normal' from written
                """, """
                with written as (
                    insert into tickets (customer_id, subject, description, status, priority)
                    select id, 'By name', ':n', STATUS, PRIORITY from LOCKED_CUSTOMER returning id)
                insert into application.tickets select id, STATUS, PRIORITY from written
                """, """
                with written as (update tickets set status = STATUS where id = A_TICKET returning id)
                update application.tickets set status = STATUS where id in (select id from written)
                """, """
                with written as (update tickets set priority = PRIORITY where id = A_TICKET returning id)
                update application.tickets set priority = PRIORITY where id in (select id from written)
                """,
                "update tickets set subject = 'Edited :n' where id = A_TICKET",
                "delete from tickets where id = A_TICKET and :n % 4 = 0")
                .stream().map(sql -> sql.replace("STATUS", statuses).replace("PRIORITY", priorities)).toList();
    }

    private static List<String> resolve(String... statements) {
        return Stream.of(statements)
                .map(sql -> sql.replace("LOCKED_TICKET", LOCKED_TICKET).replace("LOCKED_CUSTOMER", LOCKED_CUSTOMER)
                        .replace("NEW_USER", NEW_USER).replace("NEW_CUSTOMER", NEW_CUSTOMER)
                        .replace("A_TICKET", A_TICKET).replace("A_COMMENT", A_COMMENT)
                        .replace("A_CUSTOMER", A_CUSTOMER).replace("A_MESSAGE", A_MESSAGE))
                .toList();
    }
}
