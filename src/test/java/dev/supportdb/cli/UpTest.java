package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The command as a person runs it: a process of its own. */
final class UpTest {

    private record Run(int exitCode, String output) {
    }

    @Test
    void migrates_an_empty_database_and_then_has_nothing_to_do()
            throws IOException, InterruptedException, SQLException {
        try (TestDatabase database = Databases.empty()) {
            String address = database.url().replace("jdbc:postgresql://", "");
            String url = "postgresql://%s:%s@%s".formatted(
                    encode(database.username()), encode(database.password()), address);

            Run first = up(url, "--env=test", "--labels=!vector");

            assertThat(first.output).containsPattern("Database  \\d+ changesets applied in \\d+\\.\\d s")
                    .contains("psql postgresql://" + database.username() + "@" + address.replaceFirst("[?].*", ""))
                    .contains("make rollback ENV=test LABELS='!vector' COUNT=1")
                    .doesNotContain(":" + database.password() + "@", "Server ");
            assertThat(first.exitCode).isZero();
            long deployed = database.count("select count(*) from databasechangelog");
            assertThat(first.output).contains("%d changesets".formatted(deployed));

            Run second = up(url, "--env=test", "--labels=!vector");

            assertThat(second.output).contains("Database  up to date, nothing to do");
            assertThat(second.exitCode).isZero();
            assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(deployed);
        }
    }

    @Test
    void says_in_a_sentence_that_no_server_answers() throws IOException, InterruptedException {
        Run run = up("postgresql://ann:secret@127.0.0.1:1/support");

        assertThat(run.output).contains("127.0.0.1:1").doesNotContain("secret", "\tat ", "Exception");
        assertThat(run.exitCode).isEqualTo(1);
    }

    @Test
    void knows_misuse_from_failure() throws IOException, InterruptedException {
        assertThat(up("", "--env=prod")).isEqualTo(new Run(2,
                "There is no environment prod in contexts; there are: analytics, dev, production, staging, test\n"));
        assertThat(up("", "--enviroment=dev").exitCode).isEqualTo(2);
        assertThat(up("mysql://db/support").exitCode).isEqualTo(2);
    }

    private static Run up(String databaseUrl, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp", System.getProperty("java.class.path"), Main.class.getName(), "up"));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("DATABASE_URL", databaseUrl);
        builder.environment().keySet().removeAll(List.of("DB_USERNAME", "DB_PASSWORD"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
