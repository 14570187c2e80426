package dev.supportdb.run;

import static dev.supportdb.support.TinyChangelog.backfill;
import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.supportdb.support.Eventually;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.ServerPair;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.Scope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A run on a server that others follow: a standby, one that commits wait for, one that is gone, a subscriber. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ClusterTest {

    private static final int ROWS = 20_000;

    private static final String CREATE = changeSet("create", "", """
            create table orders (id integer primary key, note text);
            insert into orders (id) select generate_series(1, %d)
            """.formatted(ROWS), "drop table orders");

    private static final String FILL = backfill("fill", "name: notes", "table: orders", "pending: note is null",
            "fill: update orders set note = 'x' || id where id = any(:keys)",
            "filled: note is not null", "undo: update orders set note = null where id = any(:keys)");

    /** Long enough for something to happen while its transaction is open. */
    private static final String ALTER = changeSet("alter", "", """
            alter table orders add colour text;
            select pg_sleep(1);
            """, "alter table orders drop colour");

    /** Settings with which a fill takes minutes. */
    private static final Map<String, Object> SLOWLY =
            Map.of("supportdb.backfill.batchTime", 1, "supportdb.backfill.restRatio", 20.0);

    /** The commands of the page, by how they begin. */
    private static final String REPLAYED = "select application_name, replay_lsn";
    private static final String DROP_SLOT = "select pg_drop_replication_slot";
    private static final String CAUGHT_UP = "select slot_name";
    private static final String DROP_SUBSCRIPTION = "drop subscription";
    private static final String CREATE_SUBSCRIPTION = "create subscription";
    private static final String PUBLISH = "alter publication";
    private static final String REFRESH = "alter subscription";

    private static ServerPair pair;
    private static int databases;

    @TempDir
    private Path folder;

    private final List<String> said = Collections.synchronizedList(new ArrayList<>());
    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeAll
    static void start() throws Exception {
        pair = ServerPair.start();
    }

    @AfterAll
    static void stop() throws Exception {
        pair.close();
    }

    @BeforeEach
    void create() throws Exception {
        String name = "cluster_" + ++databases;
        pair.onPrimary("postgres").execute("create database " + name);
        database = pair.onPrimary(name);
        MigrationState backfillTables = MigrationState.before("001_initial_schema");
        new LiquibaseRunner(backfillTables.of(database)).updateTo(backfillTables.tag());
        changelog = new TinyChangelog(folder, database, said::add).of(CREATE);
        changelog.run("update", Map.of());
    }

    @AfterEach
    void letGo() throws SQLException {
        database.letGo();
    }

    private static CompletableFuture<Void> update(TinyChangelog changelog, Map<String, Object> settings) {
        return CompletableFuture.runAsync(() -> {
            try {
                Scope.child(settings, () -> changelog.run("update", Map.of()));
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
    }

    @Test
    @Order(1)
    void a_synchronous_standby_that_nobody_is_stops_a_run_before_it_begins() throws Exception {
        pair.set("synchronous_standby_names", "nobody");
        try {
            assertThatThrownBy(() -> changelog.of(CREATE + ALTER).run("update", Map.of()))
                    .hasMessageContaining("No synchronous standby has confirmed a commit within 5 s "
                            + "(synchronous_standby_names is 'nobody', connected: standby_b)")
                    .hasMessageContaining("?options=-c%20synchronous_commit=local'");
            assertThat(database.count("select count(*) from pg_attribute where attname = 'colour'")).isZero();
        } finally {
            pair.set("synchronous_standby_names", "");
        }
    }

    @Test
    @Order(2)
    void a_synchronous_standby_that_goes_missing_is_waited_for_with_nothing_locked() throws Exception {
        CompletableFuture<Void> update = update(changelog.of(CREATE + ALTER), Map.of());
        database.awaitThat("exists (select from pg_stat_activity where query like '%pg_sleep(1)%' "
                + "and pid <> pg_backend_pid() and datname = current_database())");
        pair.set("synchronous_standby_names", "nobody");
        try {
            String waiting = "Waiting for a synchronous standby to confirm the last commit "
                    + "(synchronous_standby_names is 'nobody', connected: standby_b).";
            Eventually.until(() -> said.stream().anyMatch(line -> line.startsWith(waiting)), said::toString);

            assertThat(update).isNotDone();
            assertThat(database.count("select count(*) from orders where colour is null")).isEqualTo(ROWS);
            assertThat(database.count("select count(*) from pg_locks where relation = 'orders'::regclass")).isZero();
            assertThat(changelog.run("listLocks", Map.of()))
                    .contains("waits for a synchronous standby to confirm a commit");
        } finally {
            pair.set("synchronous_standby_names", "");
        }
        update.join();
        assertThat(said).contains("A synchronous standby has confirmed the last commit");
        assertThat(database.count("select count(*) from databasechangelog where id = 'alter'")).isOne();
    }

    /** The negative control: a commit that waits itself keeps everybody from the table. */
    @Test
    @Order(3)
    void a_commit_that_waits_for_a_standby_keeps_its_locks() throws Exception {
        pair.set("synchronous_standby_names", "nobody");
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> {
                try {
                    statement.execute("alter table orders add colour text");
                } catch (SQLException e) {
                    throw new CompletionException(e);
                }
            });
            database.awaitThat("""
                    exists (select from pg_locks join pg_stat_activity using (pid)
                        where relation = 'orders'::regclass and mode = 'AccessExclusiveLock' and wait_event = 'SyncRep')
                    """);
            pair.set("synchronous_standby_names", "");
            commit.join();
        } finally {
            pair.set("synchronous_standby_names", "");
        }
    }

    @Test
    @Order(4)
    void a_slot_that_is_lost_is_said_before_a_run() throws Exception {
        database.execute("select pg_create_physical_replication_slot('gone', true)");
        changelog.of(CREATE).run("update", Map.of());
        assertThat(said).anyMatch(line -> line.matches(
                "(?s)Replication slot gone is not in use since .*: the server keeps .* of WAL for its standby, and of "
                        + "all that is written now\\. Backfills do not wait for it .*\n"
                        + "  select pg_drop_replication_slot\\('gone'\\);"));
        pair.set("max_slot_wal_keep_size", "1MB");
        try {
            for (int segment = 0; segment < 3; segment++) {
                database.execute("select pg_logical_emit_message(false, 'noise', 'x'); select pg_switch_wal()");
            }
            pair.awaitStandby();
            database.execute("checkpoint");
            database.awaitThat("(select wal_status = 'lost' from pg_replication_slots where slot_name = 'gone')");

            changelog.run("update", Map.of());

            assertThat(said).anyMatch(line -> line.contains("the server has removed WAL that its standby still needs"));
        } finally {
            pair.set("max_slot_wal_keep_size", "");
            database.execute(onPage(DROP_SLOT).replace("standby_b", "gone"));
        }
    }

    /** A statement of docs/cluster.md. */
    private static String onPage(String beginning) throws IOException {
        return statementsOfThePage().filter(statement -> statement.startsWith(beginning)).findFirst().orElseThrow();
    }

    private static Stream<String> statementsOfThePage() throws IOException {
        return Pattern.compile("(?:`|```sql\\s+)((?:select|create|alter|drop) [^`]+)")
                .matcher(Files.readString(Path.of("docs/cluster.md"))).results().map(found -> found.group(1).strip());
    }

    @Test
    @Order(0)
    void every_statement_of_the_page_is_tried_here() throws Exception {
        assertThat(statementsOfThePage()).hasSize(7).allMatch(statement -> Stream.of(REPLAYED, DROP_SLOT, CAUGHT_UP,
                DROP_SUBSCRIPTION, CREATE_SUBSCRIPTION, PUBLISH, REFRESH).anyMatch(statement::startsWith));
        assertThat(database.texts(onPage(REPLAYED))).containsExactly("standby_b");
    }

    /** The order and the statements are those of the page. */
    @Test
    @Order(5)
    void a_subscriber_is_refused_on_both_sides_and_brought_along_by_the_order_of_the_page() throws Exception {
        database.execute("create publication business for table orders");
        database.letGo();
        pair.onPrimary("postgres").execute("create database subscriber template " + database.name());
        TestDatabase subscriber = pair.onPrimary("subscriber");
        subscribe(subscriber);
        changelog.of(CREATE + changeSet("other", "", "create table unpublished (id integer primary key)",
                "drop table unpublished")).run("update", Map.of());
        changelog.of(CREATE + ALTER);
        TinyChangelog there = new TinyChangelog(folder, subscriber);

        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("Nothing has been changed.\n"
                + "- replication slot subscriber, publication business: orders\n");
        assertThatThrownBy(() -> there.run("update", Map.of())).hasMessageContaining("Nothing has been changed.\n"
                + "- subscription business: orders\n");

        database.awaitThat("(select caught_up from (%s) as slots where slot_name = 'subscriber')"
                .formatted(onPage(CAUGHT_UP)));
        subscriber.execute(onPage(DROP_SUBSCRIPTION));
        assertThat(database.count("select count(*) from pg_replication_slots where slot_type = 'logical'")).isZero();
        changelog.run("update", Map.of());
        there.run("update", Map.of());
        subscribe(subscriber);
        database.execute("update orders set colour = 'red' where id = 1");
        subscriber.awaitThat("exists (select from orders where id = 1 and colour = 'red')");
        for (TestDatabase side : List.of(database, subscriber)) {
            side.execute("create table returns (id integer primary key)");
        }
        database.execute(onPage(PUBLISH).replace("…", "returns"));
        subscriber.execute(onPage(REFRESH));
        database.execute("insert into returns values (1)");
        subscriber.awaitThat("exists (select from returns)");
        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                .hasMessageContaining("Nothing has been rolled back.\n- replication slot subscriber");
        update(changelog.of(CREATE + FILL), Map.of("supportdb.confirmed.subscribers", "other, subscriber")).join();

        subscriber.execute(onPage(DROP_SUBSCRIPTION));
        subscriber.letGo();
    }

    @Test
    @Order(5)
    void a_subscriber_of_tables_in_the_schema_of_the_changelog_is_refused() throws Exception {
        database.execute("""
                create schema shop; create table shop.orders (id integer primary key);
                create publication shop for table shop.orders""");
        database.execute("select pg_create_logical_replication_slot('shop', 'pgoutput')");
        try {
            changelog.foreign("- property: {name: supportdb.schema, value: shop}\n" + ALTER);
            assertThatThrownBy(() -> changelog.run("update", Map.of()))
                    .hasMessageContaining("- replication slot shop, publication shop: orders\n");
        } finally {
            database.execute("select pg_drop_replication_slot('shop')");
        }
    }

    private void subscribe(TestDatabase subscriber) throws Exception {
        // On a single server, creating the slot with the subscription would wait for itself.
        database.execute("select pg_create_logical_replication_slot('subscriber', 'pgoutput')");
        subscriber.execute(onPage(CREATE_SUBSCRIPTION)
                .replace("host=a.example dbname=support user=replicator",
                        "host=127.0.0.1 port=%d dbname=%s user=postgres password=%s"
                                .formatted(pair.primaryPort(), database.name(), pair.password()))
                .replace("with (", "with (create_slot = false, slot_name = 'subscriber', "));
    }

    @Test
    @Order(6)
    void a_fill_waits_for_a_standby_that_is_gone() throws Exception {
        CompletableFuture<Void> fill = update(changelog.of(CREATE + FILL), SLOWLY);
        database.awaitThat("(select rows_done > 0 from backfill_progress where name = 'notes')");
        pair.stopStandby();

        database.awaitThat("exists (select from backfills where waiting_for like 'replication slot standby_b is not in "
                + "use and keeps % of WAL for its standby%')");
        assertThat(fill).isNotDone();
        long done = database.count("select rows_done from backfill_progress");
        Thread.sleep(500);
        assertThat(database.count("select rows_done from backfill_progress")).isEqualTo(done).isLessThan(ROWS);
        pair.startStandby();

        database.execute("update backfills set rest_ratio = 0, batch_time_ms = 100");
        fill.join();
        assertThat(database.count("select count(*) from orders where note = 'x' || id")).isEqualTo(ROWS);
    }

    @Test
    @Order(7)
    void a_fill_is_completed_by_the_same_command_on_the_standby_that_took_over() throws Exception {
        TestDatabase either = pair.onEither(database.name());
        TinyChangelog cluster = new TinyChangelog(folder, either, said::add).of(CREATE + FILL);
        CompletableFuture<Void> fill = update(cluster, SLOWLY);
        database.awaitThat("(select rows_done > 0 from backfill_progress where name = 'notes')");
        database.letGo();

        pair.failOver();

        Throwable failure = catchThrowable(fill::join);
        assertThat(failure).isNotNull();
        assertThat(FailureKind.of(failure)).isEqualTo(FailureKind.RESUMABLE);
        assertThat(either.count("select rows_done from backfill_progress")).isBetween(1L, ROWS - 1L);
        cluster.run("update", Map.of());
        assertThat(either.count("select count(*) from orders where note = 'x' || id")).isEqualTo(ROWS);
        assertThat(either.count("select rows_done from backfills")).isEqualTo(ROWS);
        assertThat(either.count("select count(*) from databasechangelog where id = 'fill'")).isOne();
        either.letGo();
    }
}
