package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.backfill;
import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.supportdb.postgres.Sql;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A publication that keeps everybody from updating a table is named before a run that fills the table. */
final class PublishedTablesTest {

    private static final String FIRST = changeSet("first", "", "create table boxes (id int)", "drop table boxes");
    private static final String FILL = backfill("fill", "name: crates", "table: crates", "pending: weight is null",
            "fill: update crates set weight = 1 where id = any(:keys)",
            "undo: update crates set weight = null where id = any(:keys)", "filled: weight is not null");

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(MigrationState.head());
        database.execute("create table crates (id int primary key, weight int); insert into crates values (1, null)");
        changelog = new TinyChangelog(folder, database).of(FIRST + FILL);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            alter table crates replica identity full; create publication p for table crates (id) | Column list used
            create publication p for table crates (weight)                                       | Column list used
            create publication p for table crates where (weight > 1)                             | WHERE expression
            alter table crates replica identity nothing; create publication p for table crates   | replica identity
            alter table crates replica identity nothing; create publication p for all tables     | replica identity
            """)
    void a_published_table_that_cannot_be_updated_is_refused(String statements, String reason) throws Exception {
        database.execute(statements.replace("publication p", "publication " + database.name()));

        Throwable refusal = catchThrowable(() -> changelog.run("update", Map.of()));
        assertThat(refusal).hasMessageStartingWith("This update would drop or stop at objects that the changelog has "
                + "not created. Nothing has been changed.\n"
                + "- crates must be filled, and cannot be updated because of a publication:")
                .hasMessageContaining(reason);
        assertThat(database.text("select to_regclass('boxes')")).isNull();
        assertThatThrownBy(() -> database.execute("update crates set weight = 2")).as("the server's own answer")
                .hasMessageContaining("cannot update table");

        List<String> paragraphs = Pattern.compile("(?m)^alter .+(?:\\nalter .+)*").matcher(refusal.getMessage()).results()
                .map(MatchResult::group).toList();
        assertThat(paragraphs).isNotEmpty().allSatisfy(paragraph -> {
            try (Connection connection = database.connect()) {
                connection.setAutoCommit(false);
                Sql.execute(connection, paragraph + "update crates set weight = 2");
            }
        });
        database.execute(paragraphs.get(0));
        changelog.run("update", Map.of());
        assertThat(database.count("select weight from crates")).isOne();
    }

    @Test
    void a_published_table_that_can_be_updated_is_filled_and_undone() throws Exception {
        database.execute("create publication %s for table crates (id)".formatted(database.name()));
        changelog.run("update", Map.of());
        assertThat(database.count("select weight from crates")).isOne();

        database.execute("alter table crates replica identity full");
        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 2)))
                .hasMessageStartingWith("This rollback would drop or stop at objects that the changelog has not "
                        + "created. Nothing has been rolled back.\n- crates must be filled");
    }

    @Test
    void from_18_on_a_generated_column_of_the_identity_must_be_sent() throws Exception {
        database.execute("""
                alter table crates add doubled int generated always as (weight * 2) stored, replica identity full;
                create publication %s for table crates""".formatted(database.name()));
        if (database.count("select current_setting('server_version_num')::int / 10000") < 18) {
            changelog.run("update", Map.of());
        } else {
            assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageEndingWith(
                    "alter table crates replica identity default;\n\nalter publication %s drop table crates;\n"
                            .formatted(database.name()));
        }
    }

    /** The server names one of them at a time. */
    @Test
    void a_table_that_several_publications_close_is_opened_at_once() throws SQLException {
        String name = database.name();
        database.execute("""
                create publication %1$s_columns for table crates (weight);
                create publication %1$s_rows for table crates where (weight > 1);
                create publication %1$s_both for table crates (id, weight) where (weight > 1);
                create publication %1$s_open for table crates where (id > 1)""".formatted(name));
        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageEndingWith("left in it:\n\n"
                + "alter publication %1$s_both drop table crates;\nalter publication %1$s_columns drop table crates;\n"
                .formatted(name) + "alter publication %s_rows drop table crates;\n".formatted(name));
    }

    @Test
    void a_published_partition_is_found() throws SQLException {
        database.execute("""
                drop table crates; create table crates (id int primary key, weight int) partition by range (id);
                create table crates_1 partition of crates for values from (0) to (9);
                alter table crates_1 replica identity full;
                create publication %s for table crates_1 (id)""".formatted(database.name()));
        assertThatThrownBy(() -> changelog.run("update", Map.of()))
                .hasMessageContaining("alter table crates_1 replica identity default;\n\n"
                        + "alter publication %s drop table crates_1;".formatted(database.name()));
    }
}
