package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.bench.LockWaits;
import dev.supportdb.chaos.MigrationProcess.Command;
import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.domain.ApplicationStatements;
import dev.supportdb.domain.ConcurrentWriters;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A session that locks a table makes a migration wait, and nobody else. */
final class Blockers {

    /** The state of the database that a feature is deployed to. */
    static final MigrationState HEAD = MigrationState.head().withTickets(500);

    static final Duration PROMISED = Duration.ofMillis(200);

    /** Each of the four writers, so that they are as busy as users are. */
    static final Duration PAUSE = Duration.ofMillis(10);

    private static final int WRITES = 300;

    static final List<String> WORK =
            Stream.of(ApplicationStatements.CONVERSATIONS, ApplicationStatements.CUSTOMERS).flatMap(List::stream)
                    .toList();

    /** Features, each with the tables there are already that it needs for itself on its way. */
    private static final String FORWARD = """
            002_sla_fields tickets
            003_performance_indexes tickets
            005_ticket_priority_enum tickets
            006_ticket_status_values tickets
            011_merge_reporting reports
            012_resolution_notes tickets
            015_satisfaction_rating tickets
            016_ticket_metrics tickets
            017_ticket_categories tickets
            018_customer_contacts customers
            020_customer_preferences customers
            022_optional_customer_email customers
            024_active_ticket_index tickets
            025_message_metadata messages
            028_customer_score customers
            """;
    private static final String BACK = """
            002_sla_fields tickets
            003_performance_indexes tickets
            004_satisfaction_surveys customers tickets satisfaction_surveys
            005_ticket_priority_enum tickets
            006_ticket_status_values tickets ticket_status_originals
            007_tags tickets ticket_tags tags
            008_audit_log tickets users ticket_audit_log
            011_merge_reporting users reports
            012_resolution_notes tickets
            015_satisfaction_rating tickets satisfaction_surveys
            016_ticket_metrics tickets ticket_comments
            017_ticket_categories tickets ticket_categories
            018_customer_contacts customers customer_contacts
            019_response_times tickets ticket_comments
            020_customer_preferences customers
            021_ticket_status_changes tickets ticket_status_changes
            022_optional_customer_email customers
            023_messages customers tickets messages
            024_active_ticket_index tickets
            025_message_metadata messages
            026_articles users knowledge_base_articles
            028_customer_score customers messages
            """;

    private record Place(String feature, String table, boolean back) {}

    enum Blocker {
        /** It has written to the table, and neither goes on nor ends. */
        IDLE("lock table %s in row exclusive mode"),
        /** It reads the table for a long time. */
        REPORT("set transaction isolation level repeatable read; select count(*) from %s");

        private final String sql;

        Blocker(String sql) {
            this.sql = sql;
        }

        Connection of(TestDatabase database, String table) throws SQLException {
            Connection connection = database.connect();
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql.formatted(table));
            }
            return connection;
        }
    }

    private final Campaign campaign;
    private final Random random;
    private final List<String> tags = new ArrayList<>();

    Blockers(Campaign campaign) {
        this.campaign = campaign;
        this.random = campaign.random("blockers");
    }

    /** Makes all trials; every other one goes back, and of each pair one gives up. */
    List<Result> keepTables() throws Exception {
        try (TestDatabase head = Databases.at(HEAD)) {
            tags.addAll(head.texts("select tag from databasechangelog where tag is not null order by orderexecuted"));
        }
        Duration longest = Duration.ZERO;
        for (int trial = 0; trial < campaign.blockers(); trial++) {
            Place place = trial % 2 == 0 ? drawn(FORWARD, false) : drawn(BACK, true);
            Blocker blocker = Blocker.values()[random.nextInt(2)];
            Duration wait = trial(place, blocker, trial % 4 == 1 || trial % 4 == 2);
            longest = wait.compareTo(longest) > 0 ? wait : longest;
        }
        return Result.of(Part.BLOCKER, campaign.blockers(),
                "the application waited at most %d ms for a lock of the run".formatted(longest.toMillis()));
    }

    private Place drawn(String places, boolean back) {
        List<Place> all = places.lines().map(line -> line.split(" "))
                .flatMap(words -> Stream.of(words).skip(1).map(table -> new Place(words[0], table, back))).toList();
        return all.get(random.nextInt(all.size()));
    }

    /** The state in which a feature is the last. */
    private MigrationState after(String feature) {
        int next = tags.indexOf("before-" + feature) + 1;
        return next == tags.size() ? HEAD
                : new MigrationState(tags.get(next), HEAD.labels(), HEAD.contexts(), HEAD.tickets());
    }

    /** Returns how long the application has waited at most. */
    private Duration trial(Place place, Blocker kind, boolean givesUp) throws Exception {
        MigrationState before = MigrationState.before(place.feature).withTickets(HEAD.tickets());
        MigrationState after = after(place.feature);
        Command forward = after.tag() == null ? Command.UPDATE : Command.updateTo(after.tag());
        Command command = place.back ? Command.rollbackTo(before.tag()) : forward;
        try (TestDatabase database = Databases.at(place.back ? after : before);
                TestDatabase undisturbed = Databases.at(place.back ? before : after);
                LockWaits waits = new LockWaits(database.connect(), ConcurrentWriters.APPLICATION);
                ConcurrentWriters writers = new ConcurrentWriters(database, random.nextLong(), WORK, PAUSE,
                        rows -> { });
                Connection blocker = kind.of(database, place.table)) {
            LiquibaseRunner migration = new LiquibaseRunner(HEAD.of(database));
            int pid = pid(blocker);
            CompletableFuture<Void> run =
                    command.start(migration, Map.of("supportdb.lock.patience", givesUp ? "1" : "300"));
            String blocked = awaitBlocked(database, pid, run);
            String trial = "%s %s for %s: %s".formatted(kind, place, givesUp ? "a second" : "long", blocked);
            // A concurrent index build blocks nobody, so it may wait and does not give up.
            boolean fails = givesUp && !blocked.contains("concurrently");
            if (fails) {
                assertThatThrownBy(() -> run.get(1, TimeUnit.MINUTES)).as(trial)
                        .hasMessageContaining("Gave up after 1 s").hasMessageContaining("pid " + pid)
                        .hasMessageContaining("run the same command to retry");
            } else {
                long enough = writers.committed() + WRITES;
                while (writers.committed() < enough && writers.failures().isEmpty()) {
                    writers.awaitEachOnce();
                }
                assertThat(run).as(trial).isNotDone();
            }
            blocker.rollback();
            if (fails) {
                command.run(migration);
            } else {
                run.get(5, TimeUnit.MINUTES);
            }
            writers.awaitEachOnce();
            writers.stop();
            System.out.printf("%s; the application waited %d ms, and nobody looked for %d ms%n", trial,
                    waits.longest().toMillis(), waits.longestBlind().toMillis());
            assertThat(writers.failures()).as(trial).isEmpty();
            assertThat(waits.longest()).as(trial).isLessThanOrEqualTo(PROMISED.plus(waits.longestBlind()));
            assertThat(Difference.between(schema(undisturbed), schema(database)).objects()).as(trial).isEmpty();
            return waits.longest();
        }
    }

    /** Returns what the run wants to do when it is seen to wait for the blocker. */
    private static String awaitBlocked(TestDatabase database, int blocker, CompletableFuture<Void> run)
            throws Exception {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            while (true) {
                try (ResultSet blocked = statement.executeQuery("""
                        select query from pg_stat_activity
                        where datname = current_database() and application_name = 'support-db'
                            and %d = any (pg_blocking_pids(pid))
                        """.formatted(blocker))) {
                    if (blocked.next()) {
                        return blocked.getString(1).strip().replaceAll("\\s+", " ");
                    }
                }
                if (run.isDone()) {
                    run.get();
                    throw new AssertionError("the run came to its end, and nobody was in its way");
                }
            }
        }
    }

    private static int pid(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static SchemaFingerprint schema(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            return SchemaFingerprint.of(connection);
        }
    }
}
