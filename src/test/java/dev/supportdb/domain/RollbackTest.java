package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.RollbackObserver;
import dev.supportdb.verify.SampleData;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that every rollback restores the old schema and the old data, to the byte. */
final class RollbackTest {

    /** Enough tickets for every hostile value of the demo data. */
    private static final MigrationState HEAD = MigrationState.head().withTickets(500);

    private static final String FIRST_TAG = "before-000_backfill_tables";

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException {
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    /** Forward to the head, back and forward again; without rows, which is quick, back feature by feature, to each tag twice. */
    @ParameterizedTest
    @EnumSource
    void each_feature_goes_up_down_and_up(SampleData data) throws Exception {
        MigrationState state = data == SampleData.DEMO ? HEAD : MigrationState.head();
        try (Connection connection = database.connect()) {
            RollbackObserver watch = new RollbackObserver(connection, data);
            LiquibaseRunner migration = new LiquibaseRunner(state.of(database), Path.of(""), line -> { }, watch)
                    .discarding().withoutPauses();
            migration.update();
            Snapshot head = database.snapshot();

            List<String> tags = database.texts(
                    "select tag from databasechangelog where tag is not null order by orderexecuted desc");
            for (String tag : data == SampleData.EMPTY ? tags : List.of(FIRST_TAG)) {
                migration.rollbackTo(tag);
                assertThat(lastExecuted()).isEqualTo(tag);
                migration.rollbackTo(tag);
                assertThat(lastExecuted()).isEqualTo(tag);
            }
            assertThat(tags).last().isEqualTo(FIRST_TAG);
            assertNothingIsLeft();

            migration.update();
            assertThat(head.differenceTo(database.snapshot())).isEmpty();
            assertThat(watch.changesets()).hasSameSizeAs(executed(database)).isNotEmpty();
            assertThat(watch.wrong()).isEmpty();
        }
    }

    @Test
    void a_contract_phase_that_came_later_goes_back_first() throws Exception {
        TargetDatabase target = HEAD.of(database);
        new LiquibaseRunner(target.withLabels("(" + target.labels() + ") and !contract")).update();
        Snapshot expanded = database.snapshot();
        int changesets = executed(database).size();
        LiquibaseRunner migration = new LiquibaseRunner(target);
        migration.update();

        migration.rollback(executed(database).size() - changesets);
        assertThat(expanded.differenceTo(database.snapshot())).isEmpty();

        migration.rollbackTo(FIRST_TAG);
        assertNothingIsLeft();
    }

    @Test
    void the_last_changeset_of_the_head_is_a_visible_change() throws Exception {
        try (TestDatabase head = Databases.at(HEAD)) {
            Snapshot before = head.snapshot();
            List<String> ids = executed(head);

            new LiquibaseRunner(HEAD.of(head)).rollback(1);

            assertThat(executed(head)).isEqualTo(ids.subList(0, ids.size() - 1));
            assertThat(before.differenceTo(head.snapshot())).isNotEmpty();
        }
    }

    /** Liquibase orders what has run by the clock on the wall. */
    @Test
    void changesets_run_in_another_time_zone_are_undone_in_the_right_order() throws Exception {
        TimeZone here = TimeZone.getDefault();
        LiquibaseRunner migration = new LiquibaseRunner(HEAD.of(database));
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

    /** Asserts that only Liquibase's own tables are left, which no snapshot contains. */
    private void assertNothingIsLeft() throws SQLException {
        try (TestDatabase empty = Databases.empty()) {
            assertThat(empty.snapshot().differenceTo(database.snapshot())).isEmpty();
        }
    }

    /** The tag of the last changeset that has run, else its id. */
    private String lastExecuted() throws SQLException {
        return database.text("select coalesce(tag, id) from databasechangelog order by orderexecuted desc limit 1");
    }

    private static List<String> executed(TestDatabase database) throws SQLException {
        return database.texts("select id from databasechangelog order by orderexecuted");
    }
}
