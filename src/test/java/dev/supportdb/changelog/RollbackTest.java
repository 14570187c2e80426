package dev.supportdb.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.supportdb.deploy.Migration;
import dev.supportdb.deploy.Target;
import dev.supportdb.support.Databases;
import dev.supportdb.support.State;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every way back gives the old schema and the old data, to the byte. */
final class RollbackTest {

    /** Enough tickets for every hostile value of the demo data. */
    private static final State HEAD = State.head().withTickets(500);

    private static final String FIRST_TAG = "before-001_initial_schema";

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException {
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    /** Forward to the head, back feature by feature, each tag twice, and forward again. */
    @TestFactory
    Stream<DynamicTest> each_changeset_goes_up_down_and_up() throws Exception {
        History history = new History(database);
        Migration migration = migration(HEAD.of(database), history);
        migration.update();

        List<String> tags = database.texts(
                "select tag from databasechangelog where tag is not null order by orderexecuted desc");
        for (String tag : tags) {
            migration.rollbackTo(tag);
            assertThat(lastExecuted()).isEqualTo(tag);
            migration.rollbackTo(tag);
            assertThat(lastExecuted()).isEqualTo(tag);
        }
        assertThat(tags).last().isEqualTo(FIRST_TAG);
        assertNothingIsLeft();

        migration.update();
        assertThat(executed(database)).containsExactlyElementsOf(history.changesets());
        return history.changesets().stream().map(id -> dynamicTest(id, () -> assertThat(history.wrong(id)).isEmpty()));
    }

    /** The check above is as good as what it finds. */
    @Test
    void a_rollback_that_loses_data_is_found() throws Exception {
        History history = new History(database);
        Migration lossy = migration(new Target(database.url(), database.username(), database.password(),
                "lossy/changelog.yaml", "test", null, Map.of()), history);
        lossy.update();
        lossy.rollback(2);
        lossy.update();

        assertThat(history.wrong("lossy-01-create_people")).isEmpty();
        assertThat(history.wrong("lossy-02-drop_nickname")).singleElement().asString()
                .contains("undone", "public.people", "2 rows");
    }

    @Test
    void a_contract_phase_that_came_later_goes_back_first() throws Exception {
        Target target = HEAD.of(database);
        new Migration(target.withLabels("(" + target.labels() + ") and !contract")).update();
        Snapshot expanded = Snapshot.of(database);
        int changesets = executed(database).size();
        Migration migration = new Migration(target);
        migration.update();

        migration.rollback(executed(database).size() - changesets);
        assertThat(expanded.differenceTo(Snapshot.of(database))).isEmpty();

        migration.rollbackTo(FIRST_TAG);
        assertNothingIsLeft();
    }

    @Test
    void the_last_changeset_of_the_head_is_a_visible_change() throws Exception {
        try (TestDatabase head = Databases.at(HEAD)) {
            Snapshot before = Snapshot.of(head);
            List<String> ids = executed(head);

            new Migration(HEAD.of(head)).rollback(1);

            assertThat(executed(head)).isEqualTo(ids.subList(0, ids.size() - 1));
            assertThat(before.differenceTo(Snapshot.of(head))).isNotEmpty();
        }
    }

    /** Liquibase orders what has run by the clock on the wall. */
    @Test
    void what_ran_in_another_time_zone_is_undone_in_the_right_order() throws Exception {
        TimeZone here = TimeZone.getDefault();
        Migration migration = new Migration(HEAD.of(database));
        migration.update(3);
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("America/Anchorage"));
            migration.update(3);
            List<String> ids = executed(database);

            migration.rollback(2);

            assertThat(executed(database)).isEqualTo(ids.subList(0, 4));
        } finally {
            TimeZone.setDefault(here);
        }
    }

    /** Nothing but the tables Liquibase keeps for itself, which no snapshot shows. */
    private void assertNothingIsLeft() throws SQLException {
        try (TestDatabase empty = Databases.empty()) {
            assertThat(Snapshot.of(empty).differenceTo(Snapshot.of(database))).isEmpty();
        }
    }

    private static Migration migration(Target target, History history) {
        return new Migration(target, Path.of(""), line -> { }, history).discarding();
    }

    /** The tag of the last changeset that has run, else its id. */
    private String lastExecuted() throws SQLException {
        return database.text("select coalesce(tag, id) from databasechangelog order by orderexecuted desc limit 1");
    }

    private static List<String> executed(TestDatabase database) throws SQLException {
        return database.texts("select id from databasechangelog order by orderexecuted");
    }
}
