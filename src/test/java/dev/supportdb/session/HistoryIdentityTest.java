package dev.supportdb.session;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import liquibase.Scope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The history of the migrations can be written under a publication for all tables, though it has no key. */
final class HistoryIdentityTest {

    private static final String FULL = "ALTER TABLE public.databasechangelog REPLICA IDENTITY FULL;";

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws SQLException {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database).of(changeSet("a", "", "create table a (id int primary key)",
                "drop table a"));
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void the_history_can_be_written_and_deleted_under_a_publication_for_all_tables() throws Exception {
        database.execute("create publication p for all tables");

        changelog.run("update", Map.of());
        changelog.run("tag", Map.of("tag", "t"));
        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(database.count("select count(*) from databasechangelog")).isZero();
    }

    @Test
    void a_history_made_by_liquibase_alone_cannot_be_published_until_a_run_has_mended_it() throws Exception {
        changelog.run("update", Map.of());
        database.execute("alter table databasechangelog replica identity default; create publication p for all tables");

        assertThatThrownBy(() -> database.execute("delete from databasechangelog"))
                .hasMessageContaining("does not have a replica identity");

        changelog.run("rollbackCount", Map.of("count", 1));
        assertThat(database.count("select count(*) from databasechangelog")).isZero();
    }

    @Test
    void every_table_of_the_changelog_has_a_key_to_go_by() throws Exception {
        try (TestDatabase head = Databases.at(MigrationState.head())) {
            assertThat(head.texts("""
                    select relname from pg_class c
                    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relreplident <> 'f'
                      and not exists (select from pg_index where indrelid = c.oid and indisprimary)
                    """)).isEmpty();
        }
    }

    @Test
    void an_identity_that_somebody_has_chosen_stays() throws Exception {
        changelog.run("update", Map.of());
        database.execute("create unique index i on databasechangelog (id, author, filename);"
                + "alter table databasechangelog replica identity using index i");

        changelog.run("rollbackCount", Map.of("count", 1));

        assertThat(database.text("select relreplident from pg_class where relname = 'databasechangelog'"))
                .isEqualTo("i");
    }

    @Test
    void a_script_has_it_with_the_table() throws Exception {
        assertThat(changelog.run("updateSql", Map.of())).containsOnlyOnce(FULL)
                .containsSubsequence("CREATE TABLE IF NOT EXISTS public.databasechangelog", FULL, "INSERT INTO");
    }

    @Test
    void without_the_right_to_alter_it_a_publication_that_needs_it_is_a_reason_to_refuse() throws Exception {
        changelog.run("update", Map.of());
        database.execute("alter table databasechangelog replica identity default");
        String role = database.name() + "_migrator";
        database.execute("""
                create role %1$s login password 'secret';
                create publication p for all tables;
                create role %1$s_owner;
                alter table databasechangelog owner to %1$s_owner;
                alter schema public owner to %1$s;
                alter table a owner to %1$s;
                grant select, insert, update, delete on databasechangelog, databasechangeloglock to %1$s;
                """.formatted(role));
        try {
            TestDatabase migrator = new TestDatabase(database.name(), database.url(), role, "secret");
            TinyChangelog its = new TinyChangelog(folder, migrator);
            assertThatThrownBy(() -> Scope.child("supportdb.trusted.roles", role + "_owner",
                    () -> its.run("rollbackCount", Map.of("count", 1))))
                    .hasMessageContaining(FULL).hasMessageContaining("Nothing has been changed");
            assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(1);
            migrator.letGo();
        } finally {
            database.execute("drop owned by %1$s, %1$s_owner cascade; drop role %1$s, %1$s_owner".formatted(role));
        }
    }
}
