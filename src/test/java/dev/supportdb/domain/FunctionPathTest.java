package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The changelog's functions and triggers call what PostgreSQL brings, whatever others have put beside it. */
final class FunctionPathTest {

    /** Functions whose names are looked up when they run, and not in pg_catalog alone. */
    private static final String OTHER_PATH = """
            select oid::regprocedure from pg_proc
            where pronamespace = 'public'::regnamespace and prosqlbody is null
                and not coalesce(proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}'
            """;

    /**
     * Operators of every two types that pg_catalog has no operator for, but by way of another type. Each call counts.
     * PostgreSQL prefers them to its own, also where pg_catalog comes first.
     */
    private static final String PLANT = """
            create schema planted;
            create sequence planted.calls;
            do $plant$
            declare
                _types regtype[] := array['integer', 'bigint', 'numeric', 'double precision', 'text', 'varchar', 'name',
                    'boolean', 'timestamp', 'timestamptz', 'jsonb', 'oid', 'regclass'];
                _left regtype;
                _right regtype;
                _operator text;
                _call text := $call$select nextval('planted.calls') is not null$call$;
            begin
                _types := _types || (select array_agg(oid::regtype) from pg_type
                    where typtype = 'e' and typnamespace = 'public'::regnamespace);
                foreach _left in array _types loop
                    foreach _right in array _types loop
                        execute format('create function planted.call(%s, %s) returns boolean language sql as %L',
                            _left, _right, _call);
                        foreach _operator in array array['=', '<>', '<', '>', '<=', '>=', '~', '+', '-', '*', '||'] loop
                            continue when exists (select from pg_operator
                                where oprname = _operator and oprleft = _left and oprright = _right);
                            execute format('create operator %s (leftarg = %s, rightarg = %s, function = planted.call)',
                                _operator, _left, _right);
                        end loop;
                    end loop;
                end loop;
            end
            $plant$;
            """;

    /** Operators of the column types that are text but for their name, which answer as PostgreSQL's do, and count. */
    private static final String PLANT_ANSWERS = """
            create schema planted;
            create sequence planted.calls;
            do $plant$
            declare
                _types text[];
                _operator text;
            begin
                foreach _types slice 1 in array array[['varchar', 'varchar'], ['varchar', 'text']] loop
                    foreach _operator in array array['=', '<>', '<', '>', '<=', '>='] loop
                        execute format('create function planted.%I(%s, %s) returns boolean '
                            'language sql immutable as %L', _operator, _types[1], _types[2],
                            format('select nextval(''planted.calls'') is not null '
                                'and $1::text operator(pg_catalog.%s) $2::text', _operator));
                        execute format('create operator %s (leftarg = %s, rightarg = %s, function = planted.%I)',
                            _operator, _types[1], _types[2], _operator);
                    end loop;
                end loop;
            end
            $plant$;
            """;

    private static final String CALLS = "select case when is_called then last_value else 0 end from planted.calls";

    private static final String BOUND = """
            select distinct pg_describe_object(classid, objid, 0)
            from pg_depend
            where refclassid = 'pg_operator'::regclass and classid <> 'pg_operator'::regclass
                and refobjid in (select oid from pg_operator
                                 where oprcode::oid in (select oid from pg_proc
                                                        where pronamespace = to_regnamespace('planted')))
            """;

    /** Writes by which every trigger fires, without an operator of their own but by numbers. */
    private static final String WRITES = """
            update customers set email = format('new%s@example.com', id), phone = '1' where id < 3;
            insert into tickets (customer_id, subject, description, status, priority, first_response_time_seconds)
                values (1, 's', 'd', 'CLOSED', 'urgent', 5);
            update tickets set status = 'RESOLVED', priority = 'high', assigned_user_id = 1, resolved_at = now(),
                resolution_time_seconds = 7;
            insert into ticket_comments (ticket_id, user_id, content) values (1, 1, 'a'), (2, null, 'b');
            update ticket_comments set ticket_id = 3, user_id = 2;
            insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at) values (1, 1, 4, now());
            update satisfaction_surveys set ticket_id = 2, rating = 5;
            insert into messages (customer_id, direction, channel, body) values (1, 'inbound', 'email', 'm');
            update messages set customer_id = 2;
            delete from messages;
            delete from satisfaction_surveys;
            delete from ticket_comments;
            delete from users;
            delete from tickets where id > 1;
            """;

    private static final String ROWS = """
            select concat_ws(' ', id, status, priority, priority_new) from tickets
            union all
            select concat_ws(' ', c.id, c.email, k.contact_type, k.contact_value, k.is_primary)
            from customers c left join customer_contacts k on k.customer_id = c.id
            order by 1
            """;

    private static final String OLD_WORDS = """
            insert into tickets (customer_id, subject, description, status, priority)
                values (1, 's', 'd', 'working', 'urgent');
            update tickets set status = 'fixed';
            update tickets set status = 'CLOSED';
            """;

    @ParameterizedTest
    @ValueSource(strings = {"!vector", "!vector and !contract"})
    void a_trigger_calls_no_operator_planted_later(String labels) throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head().labelled(labels))) {
            database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(3) + PLANT);
            assertThat(database.texts(OTHER_PATH)).isEmpty();

            database.execute(labels.equals("!vector") ? WRITES : WRITES + OLD_WORDS);

            assertThat(database.count(CALLS)).isZero();
        }
    }

    @Test
    void nothing_is_bound_to_an_operator_planted_before() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            database.execute(PLANT_ANSWERS);
            for (String labels : List.of("!vector and !contract", "!vector")) {
                Databases.migrate(database, MigrationState.head().labelled(labels).withTickets(50));
                assertThat(database.texts(BOUND)).isEmpty();
            }

            database.execute("""
                    create function careless() returns trigger language plpgsql as 'begin return new; end';
                    create trigger careless before update on users
                    for each row when (old.email <> new.email) execute function careless();
                    """);
            assertThat(database.texts(BOUND)).containsExactly("trigger careless on table users");
        }
    }

    @Test
    void a_function_with_the_schema_in_its_path_calls_it() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            database.execute(LegacyRows.PEOPLE + LegacyRows.tickets(3) + PLANT);
            database.execute("alter function carry_customer_contacts() set search_path = pg_catalog, public, pg_temp");
            assertThat(database.texts(OTHER_PATH)).containsExactly("carry_customer_contacts()");

            // Its first check, of the table it is on, calls a planted function and gets a wrong answer.
            assertThatThrownBy(() -> database.execute(WRITES)).hasMessageContaining("carry_customer_contacts");

            assertThat(database.count(CALLS)).isPositive();
        }
    }

    /** A column may have got a type whose operators are in none of these paths. */
    @Test
    void a_column_of_type_citext_is_compared_as_one() throws Exception {
        MigrationState before = MigrationState.before("005_ticket_priority_enum").withTickets(300);
        MigrationState expanded = MigrationState.head().labelled("!vector and !contract").withTickets(300);
        try (TestDatabase plain = Databases.at(before); TestDatabase citext = Databases.at(before)) {
            assumeThat(citext.count("select count(*) from pg_available_extensions where name = 'citext'")).isOne();
            for (TestDatabase database : List.of(plain, citext)) {
                database.execute("update customers set email = id || email");
            }
            citext.execute("""
                    create extension citext;
                    drop index ix_tickets_open_created;
                    alter table tickets alter priority type citext;
                    alter table customers alter email type citext;
                    """);
            for (TestDatabase database : List.of(plain, citext)) {
                Databases.migrate(database, expanded);
                database.execute("""
                        update customers set email = upper(email) where id = (select min(id) from customers);
                        update customers set email = '' where id = (select max(id) from customers);
                        """);
            }
            assertThat(citext.texts(ROWS)).isEqualTo(plain.texts(ROWS)).hasSizeGreaterThan(300);

            // For citext the value is unchanged; for varchar it has changed, and the enum has no such value.
            for (TestDatabase database : List.of(plain, citext)) {
                database.execute("update tickets set priority = upper(priority) where priority = 'high'");
            }
            assertThat(plain.count("select count(*) from tickets where priority_new = 'high'")).isZero();
            assertThat(citext.count("select count(*) from tickets where priority_new = 'high' and priority = 'high'"))
                    .isPositive();
        }
    }
}
