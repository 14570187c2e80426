package dev.supportdb.objects;

import static dev.supportdb.support.TinyChangelog.backfill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A trigger that fires for each row of a fill is named before, with the statement that spares the rows. */
final class FillTriggersTest {

    @TempDir
    private Path folder;

    private final List<String> said = new ArrayList<>();
    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(MigrationState.before("001_initial_schema"));
        changelog = new TinyChangelog(folder, database, said::add);
        database.execute("""
                create table a (id int primary key, n int, m int, at timestamp);
                insert into a (id) select generate_series(1, 9);
                create function touch() returns trigger language plpgsql
                as 'begin new.at := now(); return new; end';
                """);
        changelog.of(backfill("fill", "name: test_a", "table: a", "pending: n is null",
                "fill: update a set n = id where id = any(:keys)", "filled: n is not null",
                "undo: update a set n = null where id = any(:keys)"));
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"before update on a for each row", "before insert or update of n on a for each row",
        "before update on a for each row when (old.id is not null or old.m is null)"})
    void a_trigger_that_fires_is_named_and_its_statement_spares_the_rows(String trigger) throws Exception {
        database.execute("create trigger touch " + trigger + " execute function touch()");

        changelog.run("update", Map.of());

        assertThat(database.count("select count(*) from a where at is not null")).isEqualTo(9);
        String named = said.stream().filter(line -> line.startsWith("Trigger touch on a fires for each row"))
                .findFirst().orElseThrow();

        database.execute("alter table a disable trigger touch; update a set at = null;"
                + named.substring(named.indexOf('\n')) + "alter table a enable trigger touch");
        changelog.run("rollbackCount", Map.of("count", 1));
        said.clear();
        changelog.run("update", Map.of());

        assertThat(said).noneMatch(line -> line.contains("touch"));
        database.execute("update a set n = 1 where id = 1");
        assertThat(database.texts("select id from a where at is not null")).containsExactly("1");
    }

    /** The owner of the table, who is no superuser, runs the statement; those of earlier batches stay done. */
    @Test
    void a_trigger_that_raises_is_named_and_once_it_spares_the_rows_the_same_command_resumes() throws Exception {
        database.execute("""
                create function refuse() returns trigger language plpgsql
                as 'begin raise exception ''% is frozen'', new.id; end';
                create trigger refuse before update on a for each row when (new.id > 5) execute function refuse();
                alter table a enable always trigger refuse;
                """);

        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("is frozen")
                .hasMessageContaining("Run the same command to resume.");
        assertThat(database.count("select count(*) from databasechangelog where id = 'fill'")).isZero();
        String named = said.stream().filter(line -> line.startsWith("Trigger refuse on a fires for each row"))
                .findFirst().orElseThrow();
        try (TestRole owner = TestRole.in(database, "owner").with("alter table a owner to ROLE; "
                + "grant usage on schema public to ROLE; grant execute on function refuse() to ROLE")) {
            owner.database().execute(named.substring(named.indexOf('\n')));
            changelog.run("update", Map.of());

            assertThat(database.count("select count(*) from a where n = id")).isEqualTo(9);
            assertThat(database.text("select tgenabled from pg_trigger where tgname = 'refuse'")).isEqualTo("A");
            assertThatThrownBy(() -> database.execute("update a set m = 1 where id = 9"))
                    .hasMessageContaining("9 is frozen");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"before update of m on a for each row", "before insert on a for each row",
        "after update on a for each statement"})
    void a_trigger_that_does_not_fire_for_these_rows_is_not_named(String trigger) throws Exception {
        database.execute("create trigger touch " + trigger + " execute function touch()");

        changelog.run("update", Map.of());

        assertThat(said).noneMatch(line -> line.contains("touch"));
    }

    @Test
    void a_disabled_trigger_is_not_named() throws Exception {
        database.execute("create trigger touch before update on a for each row execute function touch();"
                + "alter table a disable trigger touch");

        changelog.run("update", Map.of());

        assertThat(said).noneMatch(line -> line.contains("touch"));
    }
}
