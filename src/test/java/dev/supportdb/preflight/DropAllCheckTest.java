package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.Scope;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that one goal does not drop everything by accident, nor objects of others at all. */
final class DropAllCheckTest {

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void update() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database)
                .of(changeSet("1", "", "create table crates (id int)", "drop table crates"));
        changelog.run("update", Map.of());
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void rows_of_anybody_are_named_and_kept_until_they_are_given_up() throws Exception {
        database.execute("insert into crates values (1); create table \"By hand\" (id int); "
                + "insert into \"By hand\" values (1); create table nothing_in_it (id int)");
        Snapshot before = database.snapshot();

        assertThatThrownBy(() -> changelog.run("dropAll", Map.of())).isInstanceOf(CommandExecutionException.class)
                .hasMessageContaining("the rows of 2 tables: \"By hand\", crates. Nothing has been changed. To discard "
                        + "them, run the same command with -Dsupportdb.rollback.discard=all");
        assertThat(database.snapshot()).isEqualTo(before);

        Scope.child("supportdb.rollback.discard", "all", () -> changelog.run("dropAll", Map.of()));
        assertThat(database.count("select count(*) from pg_class where relnamespace = 'public'::regnamespace")).isZero();
    }

    @Test
    void a_schema_by_another_spelling_is_checked_too() throws Exception {
        database.execute("insert into crates values (1)");

        for (String schemas : List.of("", "PUBLIC", "other, public")) {
            assertThatThrownBy(() -> changelog.run("dropAll", Map.of("schemas", schemas))).as(schemas)
                    .hasMessageContaining("the rows of 1 table: crates");
        }
    }

    /** Functions and types are dropped only where a changelog has created them. */
    @ParameterizedTest
    @CsvSource({"'other,shop', public", "shop, public", "'other,public', shop"})
    void functions_are_dropped_in_the_schema_of_the_changelog_alone(String schemas, String left) throws Exception {
        String objects = "create type size as enum ('small'); create function f() returns int language sql return 1;";
        database.execute("create schema other; create schema shop; set search_path = other; create table boxes (); "
                + objects);
        String more = changeSet("2", "", objects, null);
        changelog.of(more).run("update", Map.of());
        changelog.foreign("- property: {name: supportdb.schema, value: shop}\n" + more).run("update", Map.of());

        (schemas.contains("public") ? changelog.of(more) : changelog).run("dropAll", Map.of("schemas", schemas));

        assertThat(database.texts("""
                select pronamespace::regnamespace || '.' || proname from pg_proc where proname = 'f'
                union all select typnamespace::regnamespace || '.' || typname from pg_type where typname = 'size'
                order by 1""")).containsExactly("other.f", "other.size", left + ".f", left + ".size");
    }

    @Test
    void another_schema_alone_would_cost_the_history() throws Exception {
        database.execute("create schema other; create table other.boxes ()");
        Snapshot before = database.snapshot();

        assertThatThrownBy(() -> changelog.run("dropAll", Map.of("schemas", "other")))
                .hasMessageContaining("would also drop the history in schema public")
                .hasMessageContaining("drop schema other cascade;");

        assertThat(database.snapshot()).isEqualTo(before);
        assertThat(database.count("select count(*) from databasechangelog")).isOne();
        changelog.runStock("dropAll", Map.of("schemas", "other"));
        assertThat(database.text("select to_regclass('databasechangelog')")).as("Liquibase alone").isNull();
    }

    @Test
    void without_rows_it_runs() throws Exception {
        changelog.run("dropAll", Map.of());

        assertThat(database.count("select count(*) from pg_class where relnamespace = 'public'::regnamespace")).isZero();
    }

    @Test
    void what_belongs_to_another_role_stops_it_before_it_begins() throws Exception {
        try (TestRole owner = TestRole.in(database, "migrator")) {
            database.execute("alter schema public owner to %1$s; alter table crates owner to %1$s; "
                    .formatted(owner.name()) + "alter table databasechangelog owner to %1$s; "
                    .formatted(owner.name()) + "alter table databasechangeloglock owner to %1$s; "
                    .formatted(owner.name()) + "create view theirs as select 1");
            TinyChangelog theirs = new TinyChangelog(folder, owner.database());
            Snapshot before = database.snapshot();

            assertThatThrownBy(() -> Scope.child("supportdb.rollback.discard", "all",
                    () -> theirs.run("dropAll", Map.of())))
                    .hasMessageContaining(
                            "dropAll would stop half-way, because these belong to other roles: theirs of ");
            assertThat(database.snapshot()).isEqualTo(before);
        }
    }
}
