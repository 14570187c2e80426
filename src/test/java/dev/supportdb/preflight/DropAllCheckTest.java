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
import java.util.Map;
import liquibase.Scope;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
