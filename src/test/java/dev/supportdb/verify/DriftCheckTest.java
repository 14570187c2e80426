package dev.supportdb.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The check finds what somebody has changed by hand, and nothing else. */
final class DriftCheckTest {

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException {
        database = Databases.empty();
    }

    /** Asserts that nothing is left on the server, whatever happened. */
    @AfterEach
    void drop() throws SQLException {
        assertThat(database.texts("select datname from pg_database where datname like 'expected%'")).isEmpty();
        database.close();
    }

    /** A changelog of something of everything. */
    private static TargetDatabase everything(TestDatabase database, String contexts) {
        return new TargetDatabase(database.url(), database.username(), database.password(), "drift/everything.yaml",
                contexts, null, Map.of());
    }

    private static DriftCheck drift(TargetDatabase target) throws SQLException, LiquibaseException {
        return DriftCheck.of(target, new ExpectedSchema(target, Path.of("")));
    }

    @Test
    void the_head_as_it_is_does_not_drift() throws SQLException, LiquibaseException {
        try (TestDatabase head = Databases.at(MigrationState.head())) {
            DriftCheck drift = drift(MigrationState.head().of(head));

            assertThat(drift.difference()).hasToString("no difference");
            assertThat(drift.gone()).isEmpty();
            assertThat(drift.edited()).isEmpty();
            assertThat(drift.changesets())
                    .isEqualTo((int) head.count("select count(*) from databasechangelog")).isGreaterThan(100);
        }
    }

    /**
     * The database is in the middle of a feature, with demo data, one branch beside another, and filters that exclude
     * most of it.
     */
    @Test
    void a_database_halfway_does_not_drift() throws SQLException, LiquibaseException {
        MigrationState state = MigrationState.before("005_ticket_priority_enum").withTickets(20);
        try (TestDatabase halfway = Databases.at(state)) {
            new LiquibaseRunner(state.of(halfway)).update(4);
            new LiquibaseRunner(state.labelled("@reporting").of(halfway)).update(2);

            DriftCheck drift = drift(MigrationState.head().labelled("@crm").of(halfway));

            assertThat(drift.difference()).hasToString("no difference");
            assertThat(halfway.texts("select id from databasechangelog"))
                    .contains("demo_data-02-load_demo_data", "005_ticket_priority_enum-02-create_priority_type",
                            "009_reports-02-create_reports").doesNotContain("008_audit_log-01-tag_before");
        }
    }

    /** Rows, environment and label that it needed need not be there any more. */
    @Test
    void a_changeset_that_ran_under_a_condition_is_expected() throws SQLException, LiquibaseException {
        new LiquibaseRunner(everything(database, "test")).update(1);
        database.execute("insert into app.customers default values");
        new LiquibaseRunner(everything(database, "production")).update(1);
        database.execute("delete from app.customers");

        assertThat(drift(everything(database, "test").withLabels("!late")).difference()).hasToString("no difference");
        database.execute("drop table app.late");
        assertThat(drift(everything(database, "test")).difference().objects().keySet())
                .containsExactly("table app.late", "table column app.late.id");
    }

    @Test
    void changesets_missing_from_the_files_or_edited_are_named() throws SQLException, LiquibaseException {
        new LiquibaseRunner(everything(database, "test")).update(1);
        database.execute("""
                insert into databasechangelog
                select 'everything-99-gone', author, filename, dateexecuted, 99, exectype, md5sum, description from
                databasechangelog;
                update databasechangelog set md5sum = '9:0123456789abcdef0123456789abcdef' where orderexecuted = 1;
                """);

        DriftCheck drift = drift(everything(database, "test"));

        assertThat(drift.gone()).containsExactly("drift/everything.yaml::everything-99-gone::test");
        assertThat(drift.edited()).containsExactly(
                "drift/everything.yaml::everything-01-create_something_of_everything::test");
        assertThat(drift.difference()).hasToString("no difference");
    }

    @Test
    void a_database_without_history_is_compared_with_an_empty_one() throws SQLException, LiquibaseException {
        database.execute("create table found (id int)");

        DriftCheck drift = drift(everything(database, "test"));

        assertThat(drift.changesets()).isZero();
        assertThat(drift.difference().objects().keySet())
                .containsExactly("table column public.found.id", "table public.found");
        assertThat(database.text("select to_regclass('databasechangelog')::text")).isNull();
    }

    /** Made by another tool, and asked what a stamp would claim. */
    @Test
    void any_set_of_changesets_can_be_assumed() throws SQLException, LiquibaseException {
        new LiquibaseRunner(everything(database, "test")).update(1);
        database.execute("drop table databasechangelog");
        ExpectedSchema expected = new ExpectedSchema(everything(database, "test"), Path.of(""));

        assertThat(assuming(expected, "01")).isEmpty();
        assertThat(assuming(expected, "01", "02")).containsExactly("table app.late", "table column app.late.id");
    }

    /** The objects that differ. */
    private Set<String> assuming(ExpectedSchema expected, String... numbers) throws SQLException, LiquibaseException {
        Set<String> claimed = Set.of(numbers);
        return DriftCheck.assuming(changeSet -> claimed.contains(changeSet.getId().split("-")[1]),
                everything(database, "test"), expected).objects().keySet();
    }

    @Test
    void a_changeset_that_fails_in_an_empty_database_is_told() throws SQLException, LiquibaseException {
        new LiquibaseRunner(everything(database, "test")).update(1);
        new LiquibaseRunner(everything(database, "test")).run("markNextChangesetRan", Map.of());

        assertThatThrownBy(() -> drift(everything(database, "test"))).isInstanceOf(CommandExecutionException.class)
                .hasMessageContaining("Cannot compare: ")
                .hasMessageContaining("everything-03-never").hasMessageContaining("division by zero");
    }

    @Test
    void a_user_who_may_not_create_a_database_is_told_what_to_do() throws SQLException, LiquibaseException {
        String visitor = database.name() + "_visitor";
        database.execute("create role " + visitor + " login password 'visitor'");
        try {
            TargetDatabase target = everything(database, "test").at(database.url(), visitor, "visitor");

            assertThatThrownBy(() -> drift(target)).isInstanceOf(CommandExecutionException.class)
                    .hasMessageContaining("alter role " + visitor + " createdb;")
                    .hasMessageContaining("SCRATCH_URL=");
            assertThat(DriftCheck.of(target, new ExpectedSchema(everything(database, "test"), Path.of("")))
                    .difference())
                    .hasToString("no difference");
        } finally {
            database.execute("drop role " + visitor);
        }
    }

    /**
     * Tests alterations of every object, in transactions that are rolled back: the fresh database is built once. The
     * test of the fingerprint shows that each is found alone.
     */
    @Nested
    @TestInstance(Lifecycle.PER_CLASS)
    final class Alterations {

        private TestDatabase altered;
        private SchemaFingerprint expected;

        @BeforeAll
        void build() throws SQLException, LiquibaseException {
            altered = Databases.empty();
            TargetDatabase target = everything(altered, "test");
            new LiquibaseRunner(target).update(1);
            expected = new ExpectedSchema(target, Path.of("")).of(changeSet -> changeSet.getId().contains("-01-"));
        }

        @AfterAll
        void drop() throws SQLException {
            altered.close();
        }

        @ParameterizedTest
        @MethodSource("together")
        void are_found_and_named(Map<String, String> alterations) throws SQLException {
            try (Connection connection = altered.connect(); Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("set local search_path = app;" + String.join(";", alterations.values()));

                Difference difference = Difference.between(expected, SchemaFingerprint.of(connection));

                assertThat(difference.objects().keySet()).containsExactlyInAnyOrderElementsOf(
                        alterations.keySet().stream().flatMap(Alterations::objects).toList());
                connection.rollback();
            }
        }

        /** Groups alterations by the objects they alter; those that alter the same object are in different groups. */
        static List<Map<String, String>> together() throws IOException {
            List<Map<String, String>> groups = new ArrayList<>();
            try (InputStream file = SchemaFingerprint.class.getResourceAsStream("alterations.csv")) {
                for (String line : new String(file.readAllBytes(), UTF_8).split("\n")) {
                    String[] parts = line.split(" +[|] ");
                    if (parts.length == 2) {
                        groups.stream().filter(group -> group.keySet().stream().flatMap(Alterations::objects)
                                .noneMatch(objects(parts[1]).toList()::contains)).findFirst()
                                .orElseGet(() -> {
                                    groups.add(new LinkedHashMap<>());
                                    return groups.get(groups.size() - 1);
                                }).put(parts[1], parts[0]);
                    }
                }
            }
            assertThat(groups.stream().mapToInt(Map::size).sum()).isGreaterThanOrEqualTo(80);
            return groups;
        }

        private static Stream<String> objects(String named) {
            return Stream.of(named.split("; "));
        }
    }
}
