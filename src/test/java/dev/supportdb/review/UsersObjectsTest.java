package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.postgres.PostgresPrograms;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class UsersObjectsTest {

    private static final String OURS = "create table notes (id integer primary key, note text, owner name)";

    private TestDatabase target;
    private TestDatabase scratch;

    @BeforeEach
    void create() throws SQLException {
        target = Databases.empty();
        scratch = Databases.empty();
        target.execute(OURS);
        scratch.execute(OURS);
    }

    @AfterEach
    void drop() throws SQLException {
        target.close();
        scratch.close();
    }

    private String copy() throws SQLException, IOException {
        try (Connection connection = scratch.connect()) {
            return new UsersObjects(new TargetDatabase(target.url(), target.username(), target.password(), "none.yaml",
                    "test", null, Map.of())).copyTo(connection);
        }
    }

    private static SchemaFingerprint schema(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            return SchemaFingerprint.of(connection);
        }
    }

    @Test
    void objects_of_users_are_copied_and_the_target_is_left_alone() throws Exception {
        assumeThat(canDump()).as("pg_dump, not older than the server").isTrue();
        target.execute("create function twice(n integer) returns integer language sql begin atomic select 2 * n; end");
        target.execute("""
                create index ix_notes_note on notes (note);
                create view short_notes as select id, left(note, 10) as note from notes;
                create function shout() returns trigger language plpgsql as
                    $$ begin new.note := upper(new.note); return new; end; $$;
                create trigger shout before insert on notes for each row execute function shout();
                alter table notes enable row level security;
                create policy mine on notes using (owner = current_user);
                create table more_notes (note_id integer references notes);
                insert into notes values (1, 'a row');
                """);
        Snapshot before = target.snapshot();

        assertThat(copy()).isEqualTo("and what users have added to the target");

        assertThat(schema(scratch)).isEqualTo(schema(target));
        assertThat(scratch.count("select count(*) from notes")).isZero();
        assertThat(target.snapshot()).isEqualTo(before);
    }

    @Test
    void an_object_that_the_copy_lacks_is_named() throws SQLException, IOException {
        target.execute("alter table notes add column extra integer");

        assertThat(copy()).contains("users have added to the target", "table column public.notes.extra");
    }

    @Test
    void a_target_with_nothing_else_needs_no_copy() throws SQLException, IOException {
        assertThat(copy()).isEqualTo("which is all that the target has");
    }

    private boolean canDump() throws SQLException {
        try {
            PostgresPrograms.of((int) target.count("select current_setting('server_version_num')::integer / 10000"),
                    System.getenv());
            return true;
        } catch (IOException missing) {
            return false;
        }
    }
}
