package dev.supportdb.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.Map;
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
    private TestDatabase visited;
    private String visitor;

    @BeforeEach
    void createUser() throws Exception {
        owned = Databases.empty();
        visitor = owned.name() + "_visitor";
        owned.execute("create role " + visitor + " login password 'visitor'");
        visited = new TestDatabase(owned.name(), owned.url(), visitor, "visitor");
    }

    @AfterEach
    void dropUser() throws Exception {
        owned.execute("reassign owned by " + visitor + " to current_user; drop owned by " + visitor);
        owned.execute("drop role " + visitor);
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
                    .hasMessageContaining("schema public of database " + owned.name())
                    .hasMessageContaining("grant usage, create on schema public to " + visitor + ";");
            assertThat(tables()).isZero();
        }

        owned.execute("grant usage, create on schema public to " + visitor);
        changelog(visited, TICKETS).run("update", Map.of());
        assertThat(tables()).isEqualTo(2);
    }

    @Test
    void must_include_to_alter_the_tables_of_the_changelog() throws Exception {
        changelog(owned, TICKETS).run("update", Map.of());
        owned.execute("create table of_somebody_else (id int)");
        owned.execute("grant usage, create on schema public to " + visitor);

        assertThatThrownBy(() -> changelog(visited, TICKETS + NEXT).run("update", Map.of()))
                .hasMessageContaining("grant select, insert, update, delete on public.databasechangelog to " + visitor);
        owned.execute("grant select, insert, update, delete on databasechangelog to " + visitor);

        for (String command : new String[] {"update", "rollbackCount"}) {
            assertThatThrownBy(() -> changelog(visited, TICKETS + NEXT).run(command, Map.of("count", 1)))
                    .hasNoCause()
                    .hasMessageContaining("alter table public.tickets owner to " + visitor + ";")
                    .hasMessageNotContaining("of_somebody_else");
        }
        assertThat(tables()).isEqualTo(3);

        owned.execute("alter table tickets owner to " + visitor);
        changelog(visited, TICKETS + NEXT).run("update", Map.of());
        assertThat(tables()).isEqualTo(4);
    }

    @Test
    void may_come_from_membership_of_the_owner() throws Exception {
        String owner = owned.name() + "_owner";
        owned.execute("create role " + owner + "; grant " + owner + " to " + visitor);
        try {
            changelog(owned, TICKETS).run("update", Map.of());
            owned.execute("grant usage, create on schema public to " + owner);
            owned.execute("alter table tickets owner to " + owner);
            owned.execute("alter table databasechangelog owner to " + owner);

            changelog(visited, TICKETS + NEXT).run("update", Map.of());
            assertThat(tables()).isEqualTo(3);
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

    @Test
    void must_include_to_mark_as_run() throws Exception {
        changelog(owned, TICKETS).run("update", Map.of());
        owned.execute("grant usage, create on schema public to %1$s; grant select on databasechangelog to %1$s"
                .formatted(visitor));

        assertThatThrownBy(() -> changelog(visited, TICKETS + NEXT).run("changelogSync", Map.of()))
                .hasMessageContaining("grant select, insert, update, delete on public.databasechangelog to " + visitor);

        changelog(visited, TICKETS + NEXT).runStock("changelogSync", Map.of());
        assertThat(owned.texts("select id from databasechangelog"))
                .as("what stock Liquibase says is done").containsExactly("tickets");
    }
}
