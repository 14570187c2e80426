package dev.supportdb.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.postgres.Sql;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The findings on a server before a deployment, each next to a state that is in order. */
final class ServerFindingsTest {

    private TestDatabase database;

    @BeforeEach
    void make() throws Exception {
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void a_server_in_order_says_nothing() throws Exception {
        database.execute("""
                create table orders (id int generated always as identity primary key, place bigint);
                insert into orders (place) values (1), (2);
                create sequence places; select nextval('places');
                create sequence days maxvalue 3 cycle; select setval('days', 3);
                create schema closed; create sequence closed.places""");

        assertThat(findings()).isEmpty();
        assertThat(findings("set local role pg_read_all_stats")).isEmpty();
    }

    /** A dump holds what others own, too. */
    @Test
    void rights_that_a_dump_lacks_are_found_and_the_statements_are_enough() throws Exception {
        database.execute("""
                create schema ledgers; create table ledgers.days (id serial); create table hidden (id int);
                alter table hidden enable row level security; grant select on hidden to public;
                select lo_from_bytea(4711, 'x')""");
        try (TestRole role = TestRole.in(database, "dumper"); Connection connection = role.database().connect()) {
            String refusal = DumpRights.refusal(connection).orElseThrow();
            assertThat(refusal).contains("not ledgers.days, nor the rows that policies hide in public.hidden, "
                    + "nor large object 4711. Nothing has been changed.");

            database.execute("grant pg_read_all_data to %1$s; alter role %1$s bypassrls; "
                    .formatted(role.name()) + "grant select on large object 4711 to " + role.name());
            assertThat(refusal).contains("grant pg_read_all_data to %s;\n  alter role %1$s bypassrls;\n  select format("
                    .formatted(role.name()), "to %s;', oid) from pg_largeobject_metadata \\gexec".formatted(role.name()));
            assertThat(DumpRights.refusal(connection)).isEmpty();
        }
        try (Connection superuser = database.connect()) {
            assertThat(DumpRights.refusal(superuser)).isEmpty();
        }
    }

    @Test
    void a_backup_by_a_role_without_plpgsql_is_refused_with_the_grant() throws Exception {
        database.execute("revoke usage on language plpgsql from public");
        try (TestRole role = TestRole.in(database, "dumper")) {
            assertThatThrownBy(() -> SnapshotSession.open(Warehouse.target(role.database())))
                    .isInstanceOf(CommandExecutionException.class)
                    .hasMessageContaining("permission denied for language plpgsql. Every session")
                    .hasMessageEndingWith("grant usage on language plpgsql to \"%s\";".formatted(role.name()));
        }
    }

    @Test
    void a_sequence_near_its_end_is_found_and_one_whose_column_is_narrower() throws Exception {
        database.execute("""
                create sequence places maxvalue 100; select setval('places', 81);
                create sequence downwards increment -1 minvalue -100; select setval('downwards', -96);
                create sequence wide;
                create table orders (id int default nextval('wide'), other bigint default nextval('wide'));
                select setval('wide', 2100000000)""");

        assertThat(findings()).containsExactlyInAnyOrder(
                new DeployEvent.Finding(false, "The sequence public.places has drawn 81 of 100 numbers"),
                new DeployEvent.Finding(true, "The sequence public.downwards has drawn -96 of -100 numbers"),
                new DeployEvent.Finding(true,
                        "The sequence public.wide has drawn 2100000000 of 2147483647 numbers"));
    }

    @Test
    void an_index_whose_build_failed_is_found() throws Exception {
        database.execute("create table orders (id int); insert into orders values (1), (1)");
        try {
            database.execute("create unique index concurrently ix_orders on orders (id)");
        } catch (SQLException duplicates) {
            // It leaves the index.
        }

        assertThat(findings()).containsExactly(new DeployEvent.Finding(false,
                "The index public.ix_orders is invalid: a build of it failed. Drop it, or run what builds it again"));
    }

    @Test
    void a_slot_that_nobody_reads_is_found() throws Exception {
        database.execute("select pg_create_physical_replication_slot('left_behind', true)");
        try {
            assertThat(findings()).singleElement().extracting(DeployEvent.Finding::text).asString()
                    .startsWith("Replication slot left_behind is not in use").contains(" of WAL for its standby");
        } finally {
            database.execute("select pg_drop_replication_slot('left_behind')");
        }
    }

    private List<DeployEvent.Finding> findings() throws Exception {
        return findings("");
    }

    private List<DeployEvent.Finding> findings(String before) throws Exception {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            Sql.execute(connection, before);
            return DeployFindings.ofServer(connection);
        }
    }
}
