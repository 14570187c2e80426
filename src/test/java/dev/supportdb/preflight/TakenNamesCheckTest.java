package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An object that the changelog has not created, with the name of one that it is about to create, is somebody's. */
final class TakenNamesCheckTest {

    private static final String CRATES = changeSet("crates", "", "create table crates (id int)", "drop table crates");
    private static final String INDEX = """
            - changeSet:
                id: index
                author: test
                runInTransaction: false
                changes:
                  - sql: drop index concurrently if exists ix_crates
                  - sql: create index concurrently ix_crates on crates (id)
                rollback:
                  - sql: drop index concurrently if exists ix_crates
            """;
    private static final String OTHERS = changeSet("others", "", """
            create table boxes (id int);
            create type size as enum ('s');
            create function note() returns trigger language plpgsql as 'begin return new; end'
            """, "drop table boxes; drop type size; drop function note()");

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TestRole migrator;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        migrator = TestRole.in(database, "migrator").with("alter schema public owner to ROLE");
    }

    @AfterEach
    void drop() throws Exception {
        migrator.close();
        database.close();
    }

    private TinyChangelog changelog(String changeSets) {
        return new TinyChangelog(folder, migrator.database()).of(changeSets);
    }

    /** Returns the message of the refusal, after which nothing has run. */
    private String refusal(String changeSets, String command) throws Exception {
        String before = database.text("select count(*) from pg_class");
        Throwable refusal = catchThrowable(() -> changelog(changeSets).run(command, Map.of()));
        assertThat(refusal).isInstanceOf(CommandExecutionException.class).hasNoCause()
                .hasMessageContaining("Nothing has been changed.");
        assertThat(database.text("select count(*) from pg_class")).isEqualTo(before);
        return refusal.getMessage();
    }

    private static String statements(String message) {
        return message.lines().filter(line -> line.startsWith("  ")).collect(Collectors.joining("\n"));
    }

    /** The owner of a schema may drop whatever is in it. */
    @Test
    void an_index_of_another_table_is_named_and_kept() throws Exception {
        database.execute("create table ledgers (id int); create index ix_crates on ledgers (id)");

        for (String command : new String[] {"updateSql", "update"}) {
            assertThat(refusal(CRATES + INDEX, command)).contains("- index public.ix_crates on ledgers, owner ",
                    "(tiny.yaml::index::test)");
        }
        database.execute(statements(refusal(CRATES + INDEX, "update")));
        changelog(CRATES + INDEX).run("update", Map.of());

        assertThat(database.texts("select indrelid::regclass::text from pg_index join pg_class c on c.oid = indexrelid "
                + "where relname like 'ix_crates%' order by 1")).containsExactly("crates", "ledgers");
    }

    @Test
    void a_valid_index_of_our_table_is_named_unless_the_run_resumes_with_its_changeset() throws Exception {
        changelog(CRATES).run("update", Map.of());
        database.execute("create index ix_crates on crates (id) where id > 7");

        assertThat(refusal(CRATES + changeSet("before", "", "select 1", null) + INDEX, "update"))
                .contains("alter index public.ix_crates rename to ix_crates_of_" + migrator.name() + ";");
        changelog(CRATES + INDEX).run("update", Map.of());
        assertThat(database.text("select pg_get_indexdef('ix_crates'::regclass)")).doesNotContain("WHERE");
    }

    @Test
    void an_invalid_index_is_what_a_build_has_left() throws Exception {
        changelog(CRATES).run("update", Map.of());
        database.execute("create index ix_crates on crates (id); "
                + "update pg_index set indisvalid = false where indexrelid = 'ix_crates'::regclass");

        changelog(CRATES + changeSet("before", "", "select 1", null) + INDEX).run("update", Map.of());
        assertThat(database.text("select indisvalid from pg_index where indexrelid = 'ix_crates'::regclass"))
                .isEqualTo("t");
    }

    /** Such as one of a schema that was there before the changelog. */
    @Test
    void an_index_on_a_table_that_the_changelog_has_not_created_is_what_its_changeset_has_left() throws Exception {
        changelog("").run("update", Map.of());
        database.execute("create table crates (id int); alter table crates owner to %s; "
                .formatted(migrator.name()) + "create index ix_crates on crates (id) where id > 7");

        changelog(INDEX).run("update", Map.of());
        assertThat(database.text("select pg_get_indexdef('ix_crates'::regclass)")).doesNotContain("WHERE");
    }

    /** They are not taken over: a changeset that creates them would fail half-way all the same. */
    @Test
    void objects_of_another_owner_are_named_and_not_taken_over() throws Exception {
        database.execute("create table boxes (id int); create type size as enum ('xl'); "
                + "create function note() returns trigger language plpgsql as 'begin return null; end'");

        String message = refusal(CRATES + OTHERS, "update");
        assertThat(message).contains("- table public.boxes, owner ", "- type public.size, owner ",
                "- function public.note(), owner ").doesNotContain(" owner to ");
        database.execute(statements(message));
        changelog(CRATES + OTHERS).run("update", Map.of());

        assertThat(database.texts("select distinct pg_get_userbyid(relowner) from pg_class where relname = 'boxes'"))
                .containsExactly(migrator.name());
    }

    @Test
    void a_changeset_that_its_precondition_may_skip_needs_no_free_name() throws Exception {
        database.execute("create table boxes (id int)");
        changelog(changeSet("boxes", """
                preConditions:
                  - onFail: MARK_RAN
                  - not: [tableExists: {tableName: boxes}]
                """, "create table boxes (id int)", "drop table boxes")).run("update", Map.of());

        assertThat(database.texts("select exectype from databasechangelog")).containsExactly("MARK_RAN");
    }
}
