package dev.supportdb.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.ChangelogFolder;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LiquibaseRunnerTest {

    /** Liquibase 4.33 would remember, for as long as the process lives, that nothing had been pending. */
    @Test
    void an_update_runs_again_after_a_rollback(@TempDir Path folder) throws Exception {
        new ChangelogFolder(folder).feature("main/001_a").feature("main/002_b");
        try (TestDatabase database = Databases.empty()) {
            LiquibaseRunner migration =
                    new LiquibaseRunner(new TargetDatabase(database.url(), database.username(), database.password(),
                    ChangelogFolder.MASTER, "test", null, Map.of()), folder, line -> { },
                    new DefaultChangeExecListener());
            migration.update();
            List<String> history = history(database);
            migration.update();
            migration.rollback();
            assertThat(history(database)).isEmpty();

            migration.update();

            assertThat(history(database)).isEqualTo(history).hasSize(4);
        }
    }

    private static List<String> history(TestDatabase database) throws Exception {
        return database.texts("select id from databasechangelog order by orderexecuted");
    }
}
