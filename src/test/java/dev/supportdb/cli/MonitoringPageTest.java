package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.DocumentationPage;
import dev.supportdb.support.DocumentationPage.Block;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The page about monitoring: its script is run, and its alerts ask for what that writes. */
final class MonitoringPageTest {

    private static final Pattern METRIC = Pattern.compile("supportdb_[a-z_]+");

    @TempDir
    private Path folder;

    private final List<Block> blocks;

    MonitoringPageTest() throws Exception {
        blocks = DocumentationPage.of("docs/monitoring.md").blocks();
    }

    private String file(String name) {
        return blocks.stream().filter(block -> name.equals(block.file())).findFirst().orElseThrow().text();
    }

    private CommandRun metrics(FreshClone clone, TestDatabase database, String... words) throws Exception {
        Files.writeString(clone.file("supportdb-metrics.sh"), file("supportdb-metrics.sh"));
        return clone.type("sh supportdb-metrics.sh dev '" + folder + "' " + String.join(" ", words), database);
    }

    private String written(String name) throws Exception {
        return Files.readString(folder.resolve(name));
    }

    @Test
    void the_script_writes_what_the_commands_say() throws Exception {
        assumeThat(FreshClone.isPossible() && PsqlScript.isInstalled()).as("mvn, make and psql").isTrue();
        FreshClone clone = FreshClone.in(folder.resolve("clone"), 10);
        try (TestDatabase database = Databases.at(MigrationState.head().withTickets(10))) {
            assertThat(metrics(clone, database)).isEqualTo(new CommandRun(0, ""));
            assertThat(written("supportdb_current.prom")).contains("supportdb_current_exit_code 0\n");
            assertThat(written("supportdb_backfills.prom"))
                    .contains("supportdb_backfill_running{name=\"customer_score\"} 0\n")
                    .contains("supportdb_backfill_rows_done{name=\"ticket_priority\"} 10\n");

            database.execute("alter table tags add by_hand int");
            database.execute("update backfills set state = 'filling', rows_done = 7 where name = 'customer_score'");
            assertThat(metrics(clone, database, "check")).isEqualTo(new CommandRun(0, ""));
            assertThat(metrics(clone, database)).isEqualTo(new CommandRun(0, ""));
            assertThat(written("supportdb_check.prom")).contains("supportdb_check_exit_code 1\n");
            assertThat(written("check.json")).contains("by_hand");
            assertThat(written("supportdb_backfills.prom"))
                    .contains("supportdb_backfill_running{name=\"customer_score\"} 1\n")
                    .contains("supportdb_backfill_rows_done{name=\"customer_score\"} 7\n");

            assertThat(alerts().flatMap(alert -> METRIC.matcher(alert).results()).map(MatchResult::group).distinct())
                    .isNotEmpty().allSatisfy(metric -> assertThat(written("supportdb_current.prom")
                            + written("supportdb_backfills.prom") + written("supportdb_check.prom")).contains(metric));

            metrics(clone, null);
            assertThat(written("supportdb_current.prom")).contains("supportdb_current_exit_code 2\n");
        }
    }

    @SuppressWarnings("unchecked")
    private Stream<String> alerts() {
        Map<String, List<Map<String, List<Map<String, Object>>>>> file = new Yaml().load(file("supportdb-alerts.yaml"));
        return file.get("groups").get(0).get("rules").stream().map(rule -> (String) rule.get("expr"));
    }
}
