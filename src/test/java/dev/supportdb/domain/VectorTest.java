package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The branch vector for real: on the tests' own server where that offers the extension, else on PGlite. */
final class VectorTest {

    private static final MigrationState ALL = MigrationState.head().labelled(null);
    private static final String BEFORE = "before-027_embeddings";
    private static final String AFTER = "before-028_customer_score";

    private static AutoCloseable server;
    private static TestDatabase database;
    private static LiquibaseRunner migration;

    @BeforeAll
    static void start() throws Exception {
        database = Databases.empty();
        server = database;
        if (!offersVector(database)) {
            database.close();
            PgliteServer pglite = PgliteServer.start();
            server = pglite;
            database = pglite.database();
        }
        migration = new LiquibaseRunner(ALL.of(database));
        migration.updateTo(BEFORE);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @AfterEach
    void return_to_before() throws Exception {
        migration.discarding().rollbackTo(BEFORE);
        database.execute("drop extension if exists vector");
    }

    @Test
    void each_changeset_goes_up_down_and_up() throws Exception {
        while (!executed().contains(AFTER)) {
            Snapshot before = database.snapshot();
            migration.update(1);
            Snapshot after = database.snapshot();
            migration.rollback(1);
            assertThat(before.differenceTo(database.snapshot())).as("before %s", executed()).isEmpty();
            migration.update(1);
            assertThat(after.differenceTo(database.snapshot())).as("after %s", executed()).isEmpty();
        }

        assertThat(indexes()).containsExactly(
                "CREATE INDEX idx_kb_articles_embedding ON public.knowledge_base_articles "
                        + "USING ivfflat (embedding vector_cosine_ops) WITH (lists='100')",
                "CREATE INDEX idx_messages_embedding ON public.messages "
                        + "USING ivfflat (embedding vector_cosine_ops) WITH (lists='100')");
    }

    @Test
    void the_extension_goes_with_the_branch_that_created_it() throws Exception {
        Snapshot before = database.snapshot();

        migration.updateTo(AFTER);
        migration.rollbackTo(BEFORE);

        assertThat(before.differenceTo(database.snapshot())).isEmpty();
        assertThat(extensions()).doesNotContain("vector");
    }

    @Test
    void an_extension_that_was_there_before_stays() throws Exception {
        database.execute("create extension vector");
        Snapshot before = database.snapshot();

        migration.updateTo(AFTER);
        migration.rollbackTo(BEFORE);

        assertThat(before.differenceTo(database.snapshot())).isEmpty();
        assertThat(extensions()).contains("vector");
    }

    @Test
    void the_nearest_message_is_found_by_the_index() throws Exception {
        migration.updateTo(AFTER);
        database.execute("""
                insert into customers (email, name) values ('ada@example.org', 'Ada');
                insert into messages (customer_id, direction, channel, body, embedding)
                select (select id from customers), 'inbound', 'email', 'message ' || n,
                    (array_fill(0.0, array[n]) || 1.0 || array_fill(0.0, array[1535 - n]))::vector
                from generate_series(1, 200) n;
                """);
        String query = """
                select body from messages
                order by embedding <=> (array_fill(0.0, array[42]) || 1.0 || array_fill(0.01, array[1493]))::vector
                limit 1
                """;
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set local enable_seqscan = off; set local ivfflat.probes = 100");
            assertThat(text(statement, "explain (costs off, format json) " + query)).contains("idx_messages_embedding");
            assertThat(text(statement, query)).isEqualTo("message 42");
        }
    }

    private static boolean offersVector(TestDatabase database) throws SQLException {
        return database.count("select count(*) from pg_available_extensions where name = 'vector'") == 1;
    }

    private List<String> executed() throws SQLException {
        return database.texts("select coalesce(tag, id) from databasechangelog order by orderexecuted");
    }

    private List<String> indexes() throws SQLException {
        return database.texts("select pg_get_indexdef(oid) from pg_class where relname ~ '_embedding$' order by 1");
    }

    private List<String> extensions() throws SQLException {
        return database.texts("select extname from pg_extension");
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
