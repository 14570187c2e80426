package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PreflightRightsTest {

    private static final String TICKETS = """
            - changeSet:
                id: tickets
                author: test
                changes:
                  - createTable:
                      tableName: tickets
                      columns: [column: {name: id, type: int}]
            """;
    private static final String NEXT = """
            - changeSet: {id: view, author: test, changes: [sql: {sql: create view v as select 1}], rollback: []}
            - changeSet:
                id: column
                author: test
                changes:
                  - addColumn:
                      tableName: tickets
                      columns: [column: {name: a, type: int}]
            """;

    @TempDir
    private Path folder;

    private TestDatabase owned;
    private TestRole role;
    private TestDatabase visited;
    private String visitor;

    @BeforeEach
    void createUser() throws Exception {
        owned = Databases.empty();
        role = TestRole.in(owned, "visitor");
        visited = role.database();
        visitor = role.name();
    }

    @AfterEach
    void dropUser() throws Exception {
        role.close();
        owned.close();
    }

    private TinyChangelog changelog(TestDatabase database, String changeSets) {
        return new TinyChangelog(folder, database).of(changeSets);
    }

    private long tables() throws Exception {
        return owned.count("""
                select count(*) from pg_class
                where relkind in ('r', 'v') and relnamespace = 'public'::regnamespace""");
    }

    @Test
    void must_include_to_create_and_the_refusal_says_how() throws Exception {
        owned.execute("revoke all on schema public from public");

        for (String granted : new String[] {"", "grant usage on schema public to " + visitor}) {
            owned.execute(granted);
            assertThatThrownBy(() -> changelog(visited, TICKETS).run("update", Map.of()))
                    .isInstanceOf(CommandExecutionException.class)
                    .hasNoCause()
                    .hasMessageContaining("User " + visitor)
                    .hasMessageContaining("in database " + owned.name())
                    .hasMessageContaining("grant usage, create on schema public to " + visitor + ";");
            assertThat(tables()).isZero();
        }

        owned.execute("grant usage, create on schema public to " + visitor);
        changelog(visited, TICKETS).run("update", Map.of());
        assertThat(tables()).isEqualTo(3);
    }

    @Test
    void must_include_to_alter_the_tables_of_the_changelog() throws Exception {
        changelog(owned, TICKETS).run("update", Map.of());
        owned.execute("create table of_somebody_else (id int)");
        owned.execute("grant usage, create on schema public to " + visitor);

        assertThatThrownBy(() -> changelog(visited, TICKETS + NEXT).run("update", Map.of()))
                .hasMessageContaining("grant select, insert, update, delete on public.databasechangelog to " + visitor);
        owned.execute("grant select, insert, update, delete on databasechangelog, databasechangeloglock to " + visitor);

        for (String command : new String[] {"update", "rollbackCount"}) {
            assertThatThrownBy(() -> changelog(visited, TICKETS + NEXT).run(command, Map.of("count", 1)))
                    .hasNoCause()
                    .hasMessageContaining("alter table public.tickets owner to " + visitor + ";")
                    .hasMessageNotContaining("of_somebody_else");
        }
        assertThat(tables()).isEqualTo(4);

        owned.execute("alter table tickets owner to " + visitor);
        changelog(visited, TICKETS + NEXT).run("update", Map.of());
        assertThat(tables()).isEqualTo(5);
    }

    @Test
    void may_come_from_membership_of_the_owner() throws Exception {
        String owner = owned.name() + "_owner";
        owned.execute("create role " + owner + "; grant " + owner + " to " + visitor);
        try {
            changelog(owned, TICKETS).run("update", Map.of());
            owned.execute("grant usage, create on schema public to " + owner);
            owned.execute("alter table tickets owner to " + owner);
            owned.execute("alter table databasechangelog owner to %1$s; alter table databasechangeloglock owner to %1$s"
                    .formatted(owner));

            changelog(visited, TICKETS + NEXT).run("update", Map.of());
            assertThat(tables()).isEqualTo(4);
        } finally {
            owned.execute("reassign owned by " + owner + " to current_user; drop owned by " + owner);
            owned.execute("drop role " + owner);
        }
    }

    @Test
    void are_not_asked_for_by_a_command_that_only_looks() throws Exception {
        changelog(owned, TICKETS).run("update", Map.of());
        owned.execute("grant select on databasechangelog to " + visitor);

        assertThat(changelog(visited, TICKETS + NEXT).run("status", Map.of())).contains("2 changesets");
        assertThat(changelog(visited, TICKETS + NEXT).run("updateSql", Map.of())).contains("create view v");
    }

    /** Liquibase takes the lock for it, as if it wrote. */
    @Test
    void to_ask_whether_a_tag_exists_are_those_to_look() throws Exception {
        changelog(owned, TICKETS).run("update", Map.of());
        changelog(owned, TICKETS).run("tag", Map.of("tag", "here"));
        owned.execute("grant select on databasechangelog to " + visitor);

        assertThatCode(() -> changelog(visited, TICKETS).run("tagExists", Map.of("tag", "here")))
                .doesNotThrowAnyException();
    }

    @Test
    void must_include_to_release_the_lock() throws Exception {
        changelog(owned, TICKETS).run("update", Map.of());
        owned.execute("grant select on databasechangelog to " + visitor);

        assertThatThrownBy(() -> changelog(visited, TICKETS).run("releaseLocks", Map.of()))
                .hasMessageStartingWith("User %s lacks rights that this command needs".formatted(visitor))
                .hasMessageContaining("public.databasechangeloglock to " + visitor)
                .hasMessageEndingWith("Nothing has been changed.");
    }

    @Test
    void must_include_to_mark_as_run() throws Exception {
        changelog(owned, TICKETS).run("update", Map.of());
        owned.execute("grant usage, create on schema public to %1$s; grant select on databasechangelog to %1$s"
                .formatted(visitor));

        assertThatThrownBy(() -> changelog(visited, TICKETS + NEXT).run("changelogSync", Map.of()))
                .hasMessageContaining("grant select, insert, update, delete on public.databasechangelog to " + visitor);

        owned.execute("grant all on databasechangeloglock to " + visitor);
        changelog(visited, TICKETS + NEXT).runStock("changelogSync", Map.of());
        assertThat(owned.texts("select id from databasechangelog"))
                .as("what stock Liquibase says is done").containsExactly("tickets");
    }

    /** All objects that a changelog can create, by SQL and by Liquibase's own changes. */
    private static final String OBJECTS = """
            - changeSet:
                id: objects
                author: test
                changes:
                  - createTable: {tableName: crates, columns: [column: {name: id, type: int, autoIncrement: true}]}
                  - createView: {viewName: crate_list, selectQuery: select id from crates}
                  - createSequence: {sequenceName: crate_numbers}
                  - sql: create table "Odd" (id int) partition by range (id)
                  - sql: create materialized view crate_sums as select count(*) from crates
                  - sql: create type crate_size as enum ('s', 'l')
                  - sql: create domain crate_name as text
                  - sql: create or replace function crate_of(int) returns int language sql return $1
                  - sql: create procedure move_crates(int, text) language sql as 'select 1'
                rollback:
                  - sql: drop procedure move_crates
                  - sql: drop function crate_of(int)
                  - sql: drop domain crate_name
                  - sql: drop type crate_size
                  - sql: drop materialized view crate_sums
                  - sql: drop table "Odd"
                  - dropSequence: {sequenceName: crate_numbers}
                  - dropView: {viewName: crate_list}
                  - dropTable: {tableName: crates}
            """;

    private static final String ANOTHER = """
            - changeSet: {id: another, author: test, changes: [sql: {sql: alter table crates add a int}],
                rollback: [sql: {sql: alter table crates drop a}]}
            """;

    /** Returns the statements of the message, as a script. */
    private String statements(Throwable refusal) {
        assertThat(refusal).isInstanceOf(CommandExecutionException.class).hasNoCause()
                .hasMessageEndingWith("\nNothing has been changed.");
        return refusal.getMessage().lines().filter(line -> line.startsWith("  ")).collect(Collectors.joining("\n"));
    }

    private String refused(String changeSets, String command) {
        return statements(catchThrowable(() -> changelog(visited, changeSets).run(command, Map.of("count", 1))));
    }

    @Test
    void missing_rights_on_every_kind_of_object_are_in_one_message() throws Exception {
        changelog(owned, OBJECTS).run("update", Map.of());
        owned.execute("create table odd_1 partition of \"Odd\" for values from (1) to (2); "
                + "create function crate_of() returns int language sql return 1; create view other as select 1");
        for (String command : new String[] {"update", "rollbackCount"}) {
            assertThat(refused(OBJECTS + ANOTHER, command).lines().map(String::strip)).as(command)
                    .containsExactlyInAnyOrder(Stream.of(
                    "grant usage, create on schema public to %s;",
                    "grant select, insert, update, delete on public.databasechangelog to %s;",
                    "grant select, insert, update, delete on public.databasechangeloglock to %s;",
                    "alter table public.crates owner to %s;", "alter view public.crate_list owner to %s;",
                    "alter sequence public.crate_numbers owner to %s;", "alter table public.\"Odd\" owner to %s;",
                    "alter table public.odd_1 owner to %s;", "alter materialized view public.crate_sums owner to %s;",
                    "alter type public.crate_size owner to %s;", "alter domain public.crate_name owner to %s;",
                    "alter function public.crate_of(integer) owner to %s;",
                    "alter function public.crate_of() owner to %s;",
                    "alter procedure public.move_crates(IN integer, IN text) owner to %s;")
                    .map(line -> line.formatted(visitor)).toArray(String[]::new));
        }

        // The statements of the refusal are enough.
        owned.execute(refused(OBJECTS + ANOTHER, "update"));
        changelog(visited, OBJECTS + ANOTHER).run("update", Map.of());
        changelog(visited, OBJECTS + ANOTHER).run("rollbackCount", Map.of("count", 2));
        assertThat(owned.text("select to_regclass('crates')")).isNull();
    }

    /** An owner is an owner, but the rights on an object can be taken from them as from anybody. */
    @Test
    void rights_that_an_owner_has_lost_are_named() throws Exception {
        owned.execute("grant usage, create on schema public to " + visitor);
        changelog(visited, OBJECTS).run("update", Map.of());
        visited.execute("""
                revoke update on crates from current_user;
                revoke select on crate_list from current_user;
                revoke all on sequence crate_numbers from current_user;
                revoke execute on function crate_of from current_user, public;
                revoke usage on type crate_size from current_user, public;
                """);

        String statements = refused(OBJECTS + ANOTHER, "update");
        assertThat(statements.lines().map(String::strip)).containsExactly(
                "grant all on function public.crate_of(integer) to %s;".formatted(visitor),
                "grant all on public.crate_list to %s;".formatted(visitor),
                "grant all on public.crates to %s;".formatted(visitor),
                "grant all on sequence public.crate_numbers to %s;".formatted(visitor),
                "grant all on type public.crate_size to %s;".formatted(visitor));

        owned.execute(statements);
        changelog(visited, OBJECTS + ANOTHER).run("update", Map.of());
    }

    /** A user who is the wrong one is told the right one first: the statements would take the objects from that one. */
    @Test
    void over_objects_of_who_has_migrated_so_far_are_that_users() throws Exception {
        try (TestRole owner = TestRole.in(owned, "owner").with("grant usage, create on schema public to ROLE")) {
            changelog(owner.database(), TICKETS).run("update", Map.of());
            owner.with("alter schema public owner to ROLE");
            String told = "Migrations have run as %s so far: connect as that user".formatted(owner.name());

            for (String command : new String[] {"update", "rollbackCount"}) {
                assertThatThrownBy(() -> changelog(visited, TICKETS + NEXT).run(command, Map.of("count", 1)))
                        .as(command).hasMessageContaining(told)
                        .hasMessageContaining("alter table public.tickets owner to " + visitor + ";");
            }
            assertThatThrownBy(() -> changelog(visited, TICKETS + NEXT).run("status", Map.of()))
                    .as("a right to look is given, not taken over")
                    .hasMessageContaining("grant select").hasMessageNotContaining(told);
        }
    }

    @Test
    void rights_that_a_member_of_the_owner_does_not_inherit_are_named() throws Exception {
        boolean byGrant = owned.count("select current_setting('server_version_num')::int") >= 160_000;
        try (TestRole owner = TestRole.in(owned, "owner").with("grant usage, create on schema public to ROLE")) {
            changelog(owner.database(), OBJECTS).run("update", Map.of());
            owner.with("revoke create on schema public from ROLE");
            owned.execute(("grant usage, create on schema public to %1$s; "
                    + "grant all on databasechangelog, databasechangeloglock to %1$s").formatted(visitor));
            owned.execute(byGrant ? "grant %s to %s with inherit false".formatted(owner.name(), visitor)
                    : "grant %s to %s; alter role %2$s noinherit".formatted(owner.name(), visitor));

            String statements = refused(OBJECTS + ANOTHER, "update");
            assertThat(statements.strip()).isEqualTo((byGrant ? "grant %s to %s with inherit true;"
                    : "alter role %2$s inherit;").formatted(owner.name(), visitor));

            owned.execute(statements);
            changelog(visited, OBJECTS + ANOTHER).run("update", Map.of());
        }
    }

    @Test
    void on_what_others_have_made_are_named() throws Exception {
        owned.execute("""
                grant usage, create on schema public to %s;
                create table depots (id int primary key);
                create type colour as enum ('red');
                create function paint(int) returns int language sql return $1;
                revoke usage on type colour from public;
                revoke execute on function paint from public;
                create type unused as enum ('a');
                revoke usage on type unused from public;
                """.formatted(visitor));
        String work = """
                - changeSet:
                    id: work
                    author: test
                    changes:
                      - createTable:
                          tableName: crates
                          columns:
                            - column: {name: id, type: int}
                            - column: {name: colour, type: colour}
                            - column: {name: depot, type: int, constraints: {foreignKeyName: a, references: depots(id)}}
                      - addForeignKeyConstraint: {constraintName: b, baseTableName: crates, baseColumnNames: id,
                          referencedTableName: depots, referencedColumnNames: id}
                      - sql: insert into crates (id) select paint(1) where false
                      - sql: create schema storage
                    rollback: []
                """;
        String statements = refused(work, "update");

        assertThat(statements.lines().map(String::strip)).containsExactly(
                "grant references on public.depots to %s;".formatted(visitor),
                "grant usage on type public.colour to %s;".formatted(visitor),
                "grant execute on function public.paint(integer) to %s;".formatted(visitor),
                "grant create on database %s to %s;".formatted(owned.name(), visitor));
        owned.execute(statements);
        changelog(visited, work).run("update", Map.of());
        assertThat(refusedNothing(work)).isTrue();
    }

    /** Returns whether it was not refused. After it has run, the next update needs none of it. */
    private boolean refusedNothing(String work) throws Exception {
        owned.execute("revoke references on depots from %1$s; revoke usage on type colour from %1$s"
                .formatted(visitor));
        return changelog(visited, work).run("update", Map.of()) != null;
    }

    /** An extension that exists, or is not created yet, needs nothing. */
    @Test
    void to_create_an_extension_are_named() throws Exception {
        owned.execute("grant usage, create on schema public to " + visitor);
        Map<String, String> needed = Map.of(
                "citext", "grant create on database %s to %s;".formatted(owned.name(), visitor),
                "pg_buffercache", "create extension pg_buffercache schema public;");
        String all = TICKETS;
        for (Map.Entry<String, String> extension : needed.entrySet()) {
            assumeThat(owned.texts("select name from pg_available_extensions")).contains(extension.getKey());
            all += changeSet(extension.getKey(), "", """
                    do $$ begin create extension if not exists %s schema public; end $$
                    """.formatted(extension.getKey()), null);
        }
        changelog(visited, all).run("updateCount", Map.of("count", 1));

        assertThat(refused(all, "update").lines().map(String::strip))
                .containsExactlyInAnyOrderElementsOf(needed.values());

        owned.execute(String.join("\n", needed.values()));
        changelog(visited, all).run("update", Map.of());
        assertThat(owned.texts("select extname from pg_extension")).containsAll(needed.keySet());
    }

    /** Objects that the filter excludes need no privilege. */
    @Test
    void missing_rights_of_a_first_update_are_in_one_message() throws Exception {
        owned.execute("revoke all on schema public from public");
        String work = changeSet("schema", "labels: wanted", "create schema storage", null)
                + changeSet("extension", "labels: other", "create extension pg_buffercache schema public", null);
        assumeThat(owned.texts("select name from pg_available_extensions")).contains("pg_buffercache");

        assertThat(refused(work, "update").lines().map(String::strip)).containsExactly(
                "grant usage, create on schema public to %s;".formatted(visitor),
                "create extension pg_buffercache schema public;",
                "grant create on database %s to %s;".formatted(owned.name(), visitor));
        String statements = statements(catchThrowable(
                () -> changelog(visited, work).run("update", "wanted", Map.of())));
        assertThat(statements).doesNotContain("pg_buffercache");
        owned.execute(statements);
        changelog(visited, work).run("update", "wanted", Map.of());
    }

    /** A user who may only read is told so, and not that the database is empty. */
    @Test
    void to_look_are_asked_for_by_a_command_that_looks() throws Exception {
        changelog(owned, TICKETS).run("update", Map.of());
        owned.execute("revoke usage on schema public from public");

        for (String command : new String[] {"status", "updateSql", "rollbackCountSql"}) {
            assertThat(refused(TICKETS + NEXT, command).lines().map(String::strip)).containsExactly(
                    "grant usage on schema public to %s;".formatted(visitor),
                    "grant select on public.databasechangelog to %s;".formatted(visitor));
        }
        owned.execute(refused(TICKETS + NEXT, "status"));

        assertThat(changelog(visited, TICKETS + NEXT).run("status", Map.of())).contains("2 changesets");
        assertThat(changelog(visited, TICKETS + NEXT).run("updateSql", Map.of())).contains("create view v");
        assertThat(changelog(visited, TICKETS + NEXT).run("rollbackCountSql", Map.of("count", 1)))
                .contains("DROP TABLE").doesNotContainIgnoringCase("update databasechangeloglock");
    }
}
