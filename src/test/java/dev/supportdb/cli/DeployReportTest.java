package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.deploy.Deploy;
import dev.supportdb.deploy.DeployReport;
import dev.supportdb.deploy.DeployStep;
import dev.supportdb.support.DocumentationPage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An interruption ends the programs that a step waits for, and the step then comes to something of its own. */
final class DeployReportTest {

    @Test
    void an_interruption_has_the_last_word(@TempDir Path folder) throws Exception {
        try (DeployLog log = new DeployLog(folder, "")) {
            DeployReport report = new DeployReport(log, "a database", "./supportdb deploy", plan -> plan);
            report.say("Before it.");
            Path page = report.writeInterrupted(log.file(), DeployStep.PREFLIGHT);
            report.say("pg_dump is needed, and there is none.");
            assertThat(report.write(log.file(), Deploy.Outcome.REFUSED)).isEqualTo(page);
            report.write(log.file(), DeployStep.PREFLIGHT, new IllegalStateException("pg_dump ended"));

            assertThat(Files.readString(log.file())).contains("Before it.").doesNotContain("pg_dump");
            assertThat(Files.readString(page)).contains("Interrupted in the step preflight")
                    .doesNotContain("Refused", "Failed");
            assertThat(Files.readString(json(log))).contains("\"result\": \"interrupted\"");
        }
    }

    /** A deployment that is not interrupted reports its outcome. */
    @Test
    void the_report_says_how_it_ended(@TempDir Path folder) throws Exception {
        try (DeployLog log = new DeployLog(folder, "")) {
            DeployReport report = new DeployReport(log, "a database", "./supportdb deploy", plan -> plan);
            report.write(log.file(), Deploy.Outcome.REFUSED);
            assertThat(Files.readString(json(log))).contains("\"result\": \"refused\"");
        }
    }

    /** The page is the table. */
    @Test
    void the_page_has_each_step() throws Exception {
        String page = DocumentationPage.of("docs/when-it-goes-wrong.md").text().replaceAll("\\s+", " ");
        assertThat(Stream.of(DeployStep.values())).allSatisfy(step -> assertThat(page)
                .contains("| %s | %s | %s |".formatted(step.word(), step.state(), step.next())));
    }

    private static Path json(DeployLog log) {
        return log.file().resolveSibling(log.file().getFileName().toString().replace(".log", ".json"));
    }
}
