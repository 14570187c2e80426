package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Functions that run with their owner's rights run where the changelog has put them, and nowhere else. */
final class DefinerFunctionsTest {

    private static final String OPEN = """
            select oid::regprocedure from pg_proc
            where prosecdef and pronamespace = 'public'::regnamespace and has_function_privilege('public', oid, 'execute')
            """;

    /** A column type whose cast to text runs as the owner of the function that casts it. */
    private static final String HIJACK = """
            set session authorization %1$s;
            create type pg_temp.evil as (x integer);
            create function pg_temp.run(pg_temp.evil) returns text language plpgsql as $$
            begin
                execute 'grant select on customers to %1$s';
                return '';
            end
            $$;
            create cast (pg_temp.evil as text) with function pg_temp.run(pg_temp.evil);
            create temporary table fake (id integer, status pg_temp.evil, priority text, assigned_user_id integer);
            create trigger fake after update on fake for each row execute function public.log_ticket_changes();
            insert into fake values (1, row(1), 'low', null);
            update fake set status = row(2);
            """;

    private TestDatabase database;
    private String hostile;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(MigrationState.head());
        hostile = database.name() + "_hostile";
        database.execute("create role %1$s; grant temporary on database %2$s to %1$s"
                .formatted(hostile, database.name()));
    }

    @AfterEach
    void drop() throws SQLException {
        database.execute("drop owned by %1$s; drop role %1$s".formatted(hostile));
        database.close();
    }

    @Test
    void none_is_open_to_the_public() throws SQLException {
        assertThat(database.texts("select 1 from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"))
                .hasSizeGreaterThan(7);
        assertThat(database.texts(OPEN)).isEmpty();
    }

    @Test
    void none_can_be_hung_on_a_table_of_somebody_else() throws SQLException {
        assertThatThrownBy(() -> database.execute(HIJACK.formatted(hostile)))
                .isInstanceOf(SQLException.class).hasMessageContaining("permission denied for function")
                .hasMessageContaining("log_ticket_changes");
        assertThat(canRead()).isFalse();
    }

    @Test
    void one_that_is_open_is_found_and_gives_the_owners_rights_away() throws SQLException {
        database.execute("grant execute on function log_ticket_changes() to public");

        assertThat(database.texts(OPEN)).isEqualTo(List.of("log_ticket_changes()"));
        database.execute(HIJACK.formatted(hostile));
        assertThat(canRead()).isTrue();
    }

    private boolean canRead() throws SQLException {
        return database.text("select has_table_privilege('%s', 'customers', 'select')".formatted(hostile)).equals("t");
    }
}
