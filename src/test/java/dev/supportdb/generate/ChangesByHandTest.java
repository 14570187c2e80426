package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.yaml.snakeyaml.Yaml;

/**
 * Tests that every kind of change by hand has changesets that make and undo it, or a reason why not. Each is tried in a
 * transaction; HandMadeChangesTest runs some of them with Liquibase.
 */
final class ChangesByHandTest {

    private static TestDatabase database;
    private static Connection connection;
    private static SchemaFingerprint untouched;

    @BeforeAll
    static void create() throws SQLException, IOException {
        database = Databases.empty();
        try (InputStream schema = SchemaFingerprint.class.getResourceAsStream("everything.sql")) {
            database.execute(new String(schema.readAllBytes(), StandardCharsets.UTF_8));
        }
        connection = database.connect();
        connection.setAutoCommit(false);
        execute("set search_path = app, public");
        connection.commit();
        untouched = schema();
        connection.rollback();
    }

    @AfterAll
    static void drop() throws SQLException {
        connection.close();
        database.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvFileSource(resources = "by_hand.csv", delimiter = '|')
    void is_made_elsewhere_and_taken_back_or_named(String byHand, String proposal) throws SQLException {
        HandMadeChanges changes;
        SchemaFingerprint altered;
        try {
            execute(byHand);
            altered = schema();
            changes = HandMadeChanges.of(Difference.between(untouched, altered));
        } finally {
            connection.rollback();
        }
        if (!proposal.equals("changesets")) {
            assertThat(String.join("; ", changes.unwritten())).as(changes.changeSets("029_x")).contains(proposal);
        } else {
            assertThat(changes.unwritten()).isEmpty();
        }
        List<Map<String, Map<String, Object>>> changeSets =
                new Yaml().load(changes.changeSets("029_x").isEmpty() ? "[]" : changes.changeSets("029_x"));
        try {
            for (Map<String, Map<String, Object>> changeSet : changeSets) {
                run(changeSet.get("changeSet").get("changes"));
            }
            if (proposal.equals("changesets")) {
                assertThat(Difference.between(altered, schema())).hasToString("no difference");
            }
            for (int i = changeSets.size() - 1; i >= 0; i--) {
                run(changeSets.get(i).get("changeSet").get("rollback"));
            }
            if (!changes.changeSets("029_x").contains("because: ")) {
                assertThat(Difference.between(untouched, schema())).hasToString("no difference");
            }
        } catch (SQLException e) {
            fail(e.getMessage() + "\n" + changes.changeSets("029_x"), e);
        } finally {
            connection.rollback();
        }
    }

    @SuppressWarnings("unchecked")
    private static void run(Object changes) throws SQLException {
        for (Map<String, Object> change : (List<Map<String, Object>>) changes) {
            Object sql = change.get("sql");
            if (sql != null) {
                Object text = sql instanceof Map<?, ?> parts ? parts.get("sql") : sql;
                // An index cannot be built concurrently in the transaction of this test.
                execute(text.toString().replace("index concurrently ", "index "));
            }
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static SchemaFingerprint schema() throws SQLException {
        return SchemaFingerprint.of(connection);
    }
}
