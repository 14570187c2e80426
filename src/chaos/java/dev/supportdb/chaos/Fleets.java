package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.cli.CommandRun;
import dev.supportdb.cli.FleetTrial;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Updates many databases with one command, whatever is wrong with some, and again skips what is done. */
final class Fleets {

    private static final MigrationState HEAD = MigrationState.head().withTickets(500);

    /** The last three features that do something are pending, the last of which needs the table of customers. */
    private static final MigrationState BEHIND = MigrationState.before("025_message_metadata").withTickets(500);

    private static final List<String> KILLED = List.of("1-killed", "2-killed");

    /** The state of each target in the JSON. */
    private static final Pattern STATE = Pattern.compile("\"target\": \"([^\"]+)\", \"state\": \"([^\"]+)\"");

    private final Campaign campaign;
    private final Path folder;
    private final Map<String, TestDatabase> databases = new TreeMap<>();

    Fleets(Campaign campaign, Path folder) {
        this.campaign = campaign;
        this.folder = folder;
    }

    /** Updates all targets twice: a fault of one is in its own row only. */
    List<Result> updateTwice() throws Exception {
        Path place = Files.createTempDirectory(folder.toAbsolutePath(), "fleet");
        FleetTrial fleet = FleetTrial.ofThisProject(place, HEAD);
        try {
            make(fleet);
            Snapshot end = PostconditionCheck.lessDrawnKeys(databases.get("done").snapshot());
            databases.get("done").letGo();
            Map<String, String> wanted = new TreeMap<>();
            databases.keySet().forEach(name -> wanted.put(name, "updated"));
            wanted.putAll(Map.of("broken", "failed", "ahead", "ahead", "locked", "stopped", "kind", "another kind",
                    "gone", "could not look", KILLED.get(0), "stopped", KILLED.get(1), "stopped", "done", "up to date"));

            long start = System.nanoTime();
            CommandRun first = updateAndKill(fleet);
            long second = System.nanoTime();
            assertThat(states(first)).as(first.output()).isEqualTo(wanted);
            assertThat(first.output()).contains("its process was ended by signal 9; the same command resumes");
            assertThat(first.exitCode()).isEqualTo(4);
            Map<String, List<String>> histories = histories(wanted, "updated", "up to date");

            CommandRun again = update(fleet);
            double seconds = (System.nanoTime() - second) / 1e9;
            List.of("locked", KILLED.get(0), KILLED.get(1)).forEach(name -> wanted.put(name, "updated"));
            histories.keySet().forEach(name -> wanted.put(name, "up to date"));
            assertThat(states(again)).as(again.output()).isEqualTo(wanted);
            assertThat(again.exitCode()).isEqualTo(4);
            assertThat(histories(wanted, "up to date")).as("nothing was touched that was done").isEqualTo(histories);
            for (String name : wanted.keySet()) {
                if (List.of("updated", "up to date").contains(wanted.get(name))) {
                    assertThat(PostconditionCheck.sessionsThatStay(databases.get(name))).isEmpty();
                    assertThat(end.differenceTo(PostconditionCheck.lessDrawnKeys(databases.get(name).snapshot())))
                            .as(name).isEmpty();
                }
            }
            return Result.of(Part.FLEET, databases.size() + 1, Report.format("four at once; the first run %.0f s, with "
                    + "%d brought forward and each of the others a row with its reason; the second %.0f s, with the "
                    + "locked one and those killed brought forward and no row of the %d done touched",
                    (second - start) / 1e9, count(first, "updated"), seconds, histories.size()));
        } finally {
            for (TestDatabase database : databases.values()) {
                database.close();
            }
        }
    }

    private void make(FleetTrial fleet) throws Exception {
        fleet.target("gone", "jdbc:postgresql://127.0.0.1:1/nothing", "nobody");
        add(fleet, "empty", Databases.empty());
        add(fleet, "kind", Databases.empty());
        new LiquibaseRunner(MigrationState.analytics(databases.get("kind"))).update();
        for (String name : List.of("broken", "locked", KILLED.get(0), KILLED.get(1))) {
            add(fleet, name, Databases.at(BEHIND));
        }
        databases.get("broken").execute("alter table customers add column computed_score text");
        for (String name : List.of("ahead", "done")) {
            add(fleet, name, Databases.at(HEAD));
        }
        databases.get("ahead").execute("update databasechangelog set id = '030_later-01-x' where id like '028%-02-%'");
        while (databases.size() + 1 < campaign.fleet()) {
            // The first of all is the canary; those to be killed are next.
            add(fleet, (fleet.file("0-canary").toFile().exists() ? "other-%02d" : "0-canary").formatted(databases.size()),
                    Databases.at(BEHIND));
        }
        for (TestDatabase database : databases.values()) {
            database.letGo();
        }
    }

    private void add(FleetTrial fleet, String name, TestDatabase database) throws Exception {
        databases.put(name, database);
        fleet.target(name, database);
    }

    private CommandRun update(FleetTrial fleet) throws Exception {
        return CommandRun.of(start(fleet));
    }

    private Process start(FleetTrial fleet) throws Exception {
        return fleet.start(Map.of("DB_PASSWORD", databases.get("done").password(), "SUPPORTDB_LOCK_PATIENCE", "20"),
                "update", "--json", "--stop-after=99", "--time-limit=300");
    }

    /**
     * Updates while a session holds a table that three of them need; two of these are killed while they wait for it.
     */
    private CommandRun updateAndKill(FleetTrial fleet) throws Exception {
        List<Connection> keepers = new ArrayList<>();
        try {
            for (String name : List.of("locked", KILLED.get(0), KILLED.get(1))) {
                keepers.add(keep(databases.get(name)));
            }
            Process update = start(fleet);
            for (String name : KILLED) {
                TestDatabase database = databases.get(name);
                database.awaitThat("(select count(*) from databasechangelog where id like '028%') > 0");
                Optional<ProcessHandle> process = FleetTrial.upgradeOf(update, name);
                assertThat(process).as("the process of " + name).isPresent();
                new ProcessBuilder("kill", "-KILL", Long.toString(process.get().pid())).start().waitFor();
                database.letGo();
            }
            return CommandRun.of(update);
        } finally {
            for (Connection keeper : keepers) {
                keeper.close();
            }
        }
    }

    private static Connection keep(TestDatabase database) throws SQLException {
        Connection connection = database.connect();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("lock table customers in access share mode");
        }
        return connection;
    }

    private static Map<String, String> states(CommandRun run) {
        return new TreeMap<>(STATE.matcher(run.output()).results()
                .collect(Collectors.toMap(found -> found.group(1), found -> found.group(2))));
    }

    private static long count(CommandRun run, String state) {
        return states(run).values().stream().filter(state::equals).count();
    }

    /** Each row with the transaction that wrote it last. */
    private Map<String, List<String>> histories(Map<String, String> states, String... wanted) throws SQLException {
        Map<String, List<String>> histories = new TreeMap<>();
        for (String name : states.keySet()) {
            if (List.of(wanted).contains(states.get(name))) {
                histories.put(name, databases.get(name)
                        .texts("select concat_ws(' ', xmin, d.*) from databasechangelog d order by orderexecuted"));
                databases.get(name).letGo();
            }
        }
        return histories;
    }
}
