package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A changelog that has run in another schema is not built a second time beside it. */
final class OtherSchemaCheckTest {

    private static final String CRATES = changeSet("crates", "", "create table crates (id int)", "drop table crates");
    private static final String BOXES = changeSet("boxes", "", "create table boxes (id int)", "drop table boxes");

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    /** Runs it as a user with another search path. */
    @BeforeEach
    void run_it_in_another_schema() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database).of(CRATES);
        changelog.run("update", Map.of());
        database.execute("alter schema public rename to \"Support\"; create schema public");
        changelog.of(CRATES + BOXES);
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    private List<String> tables() throws Exception {
        return database.texts("select relnamespace::regnamespace || '.' || relname from pg_class "
                + "where relkind = 'r' and relnamespace <> all ('{pg_catalog, information_schema}'::regnamespace[]) "
                + "order by 1");
    }

    @Test
    void a_history_in_another_schema_is_refused_and_can_be_continued_as_the_message_says() throws Exception {
        List<String> before = tables();
        for (String command : List.of("update", "updateCount", "updateSql", "changelogSync", "markNextChangesetRan")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of("count", 1))).as(command)
                    .isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessageStartingWith("Schema \"Support\" has this changelog already: "
                            + "\"Support\".databasechangelog counts 1 of its changesets.")
                    .hasMessageContaining("Nothing has been changed.")
                    .hasMessageContaining("  drop schema public;\n  alter schema \"Support\" rename to public;\n");
        }
        assertThat(tables()).isEqualTo(before);

        database.execute("drop schema public; alter schema \"Support\" rename to public");
        changelog.run("update", Map.of());
        assertThat(tables()).containsExactly("public.boxes", "public.crates", "public.databasechangelog",
                "public.databasechangeloglock");
    }

    @Test
    void may_be_a_copy_that_a_person_has_marked_as_one() throws Exception {
        database.execute("alter table \"Support\".databasechangelog rename to databasechangelog_of_copy");
        changelog.run("update", Map.of());
        assertThat(tables()).contains("\"Support\".crates", "public.crates", "public.boxes");
    }

    @Test
    void a_history_in_its_place_or_of_another_changelog_is_accepted() throws Exception {
        changelog.of(BOXES).run("update", Map.of());
        changelog.of(CRATES + BOXES).run("update", Map.of());
        assertThat(tables()).contains("\"Support\".crates", "public.crates", "public.boxes");
    }

    /** The negative control: nothing else says a word. */
    @Test
    void would_be_built_a_second_time_by_liquibase_itself() throws Exception {
        changelog.runStock("update", Map.of());
        assertThat(tables()).contains("\"Support\".crates", "public.crates");
    }
}
