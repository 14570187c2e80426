package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.DocumentationPage;
import dev.supportdb.support.DocumentationPage.Block;
import dev.supportdb.support.MigrationState;
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
        assumeThat(FreshClone.isPossible()).as("mvn and make").isTrue();
        FreshClone clone = FreshClone.in(folder.resolve("clone"), 0);
        clone.replace("contexts/dev.properties", "contexts=dev", "contexts=test");
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            database.execute("update backfills set rows_done = 10 where name = 'ticket_priority'");
            // A parameter that only the driver knows, as the page on clusters has it.
            TestDatabase primary = new TestDatabase(database.name(), database.url() + "?targetServerType=primary",
                    database.username(), database.password());
            assertThat(metrics(clone, primary)).isEqualTo(new CommandRun(0, ""));
            assertThat(written("supportdb_current_dev.prom")).contains("supportdb_current_exit_code{env=\"dev\"} 0\n");
            assertThat(written("supportdb_backfills_dev.prom"))
                    .contains("supportdb_backfills_exit_code{env=\"dev\"} 0\n")
                    .contains("supportdb_backfill_running{env=\"dev\",name=\"customer_score\"} 0\n")
                    .contains("supportdb_backfill_rows_done{env=\"dev\",name=\"ticket_priority\"} 10\n");

            database.execute("""
                    alter table tags add by_hand int;
                    update backfills set state = 'filling', rows_done = 7 where name = 'customer_score';
                    update backfills set name = e'a "b" \\\\ c\\nd' where name = 'ticket_priority';
                    delete from databasechangelog where id like '028_customer_score-05%'
                    """);
            assertThat(metrics(clone, database, "check")).isEqualTo(new CommandRun(0, ""));
            assertThat(metrics(clone, database)).isEqualTo(new CommandRun(0, ""));
            assertThat(written("supportdb_check_dev.prom")).contains("supportdb_check_exit_code{env=\"dev\"} 1\n");
            assertThat(written("dev.check.json")).contains("by_hand");
            assertThat(written("supportdb_current_dev.prom")).contains("supportdb_current_exit_code{env=\"dev\"} 1\n");
            assertThat(written("supportdb_backfills_dev.prom"))
                    .contains("supportdb_backfill_running{env=\"dev\",name=\"customer_score\"} 1\n")
                    .contains("supportdb_backfill_rows_done{env=\"dev\",name=\"customer_score\"} 7\n")
                    .contains("supportdb_backfill_running{env=\"dev\",name=\"a \\\"b\\\" \\\\ c\\nd\"} 0\n");

            assertThat(alerts().flatMap(alert -> METRIC.matcher(alert).results()).map(MatchResult::group).distinct())
                    .isNotEmpty().allSatisfy(metric -> assertThat(written("supportdb_current_dev.prom")
                            + written("supportdb_backfills_dev.prom") + written("supportdb_check_dev.prom"))
                            .contains(metric + "{"));

            metrics(clone, null);
            assertThat(written("supportdb_current_dev.prom")).contains("supportdb_current_exit_code{env=\"dev\"} 2\n");
            assertThat(written("supportdb_backfills_dev.prom"))
                    .contains("supportdb_backfills_exit_code{env=\"dev\"} 2\n").doesNotContain("running");
        }
    }

    @Test
    void a_database_without_backfills_has_no_metrics_of_any() throws Exception {
        try (TestDatabase empty = Databases.empty()) {
            assertThat(CommandRun.on(empty, "backfills", "--metrics")).isEqualTo(new CommandRun(0, ""));
        }
    }

    @SuppressWarnings("unchecked")
    private Stream<String> alerts() {
        Map<String, List<Map<String, List<Map<String, Object>>>>> file = new Yaml().load(file("supportdb-alerts.yaml"));
        return file.get("groups").get(0).get("rules").stream().map(rule -> (String) rule.get("expr"));
    }
}
