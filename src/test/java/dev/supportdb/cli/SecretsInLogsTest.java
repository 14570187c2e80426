package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failed Maven goal suggests {@code -X}, with which Maven's plugins print whatever they know. */
final class SecretsInLogsTest {

    private static final String SECRET = "no-log-may-have-this";

    @TempDir
    private Path folder;

    @Test
    void maven_prints_no_password_of_the_environment_even_with_X() throws Exception {
        assumeThat(FreshClone.isPossible()).as("make and mvn are on the PATH").isTrue();
        FreshClone clone = FreshClone.in(folder.resolve("clone"), 0);
        try (TestDatabase database = Databases.empty()) {
            TestDatabase secret = new TestDatabase(database.name(), database.url(), database.username(), SECRET);

            CommandRun run = clone.type("PGPASSWORD=%s mvn -B -X process-resources liquibase:status".formatted(SECRET),
                    secret);

            assertThat(run.output()).contains("[DEBUG]", "refuses the password of user " + database.username())
                    .doesNotContain(SECRET);
            CommandRun unlessTurnedOff = clone.type("""
                    MAVEN_OPTS=-Dorg.slf4j.simpleLogger.log.org.apache.maven.shared.filtering=debug \
                    mvn -B -X process-resources""", secret);
            assertThat(unlessTurnedOff.output()).contains("env.DB_PASSWORD: " + SECRET);
        }
    }
}
