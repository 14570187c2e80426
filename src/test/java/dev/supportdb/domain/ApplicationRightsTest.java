package dev.supportdb.domain;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.Test;

/**
 * An application has a role of its own, with rights on the tables it knows. A migration adds tables it does not know
 * and triggers that write to them: its statements must go on working without a new grant.
 */
final class ApplicationRightsTest {

    private static final String APPLICATION = """
            create role %1$s;
            grant select, insert, update, delete on users, customers, tickets, ticket_comments to %1$s;
            """;

    private static final String A_DAY = """
            set session authorization %1$s;
            insert into customers (id, email, name, phone) values (1001, 'c@example.com', 'C', '1');
            update customers set email = 'd@example.com', phone = '' where id = 1001;
            insert into users (id, email, full_name) values (1001, 'u@example.com', 'U');
            insert into tickets (id, customer_id, subject, description, status, priority)
                values (1001, 1001, 's', 'd', 'working', 'high'), (1002, 1001, 's', 'd', 'CLOSED', 'low');
            insert into ticket_comments (ticket_id, user_id, content) values (1001, 1001, 'a'), (1001, null, 'b');
            update ticket_comments set ticket_id = 1002 where content = 'b' and ticket_id = 1001;
            update tickets set status = 'fixed', priority = 'urgent', assigned_user_id = 1001, resolved_at = now()
                where id = 1001;
            update tickets set status = 'CLOSED', priority = 'low' where id = 1001;
            delete from ticket_comments where ticket_id = 1002;
            delete from users where id = 1001;
            delete from tickets where id = 1001;
            delete from customers where id = 1001;
            reset session authorization;
            """;

    @Test
    void a_day_of_the_application_goes_on_at_the_head_before_the_contract_phase() throws Exception {
        run(MigrationState.head().labelled("!vector and !contract"), A_DAY);
    }

    @Test
    void a_day_of_the_application_goes_on_at_the_head() throws Exception {
        run(MigrationState.head(), A_DAY.replace("'working'", "'IN_PROGRESS'").replace("'fixed'", "'RESOLVED'"));
    }

    private static void run(MigrationState state, String statements) throws SQLException, CommandExecutionException {
        try (TestDatabase database = Databases.at(state)) {
            String application = database.name() + "_application";
            database.execute(APPLICATION.formatted(application));
            try {
                database.execute(statements.formatted(application));
            } finally {
                database.execute("drop owned by %1$s; drop role %1$s".formatted(application));
            }
        }
    }
}
