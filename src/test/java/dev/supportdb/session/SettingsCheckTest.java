package dev.supportdb.session;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.Map;
import liquibase.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A setting that is wrong is refused by its name before anything is changed, also one that would not be needed. */
final class SettingsCheckTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            supportdb.lock.patience                   | soon  | a whole number from 0 to 86400
            supportdb.lock.patience                   | 1e3   | a whole number from 0 to 86400
            supportdb.backfill.workers                | 0     | a whole number from 1 to 64
            supportdb.backfill.restRatio              | NaN   | a number from 0 to 100
            supportdb.backfill.vacuum                 | maybe | true or false
            supportdb.backfill.hold.slots             | 2     | true or false
            liquibase.changelogLockWaitTimeInMinutes  | x     | a whole number from 0 to 525600
            liquibase.changelogLockWaitTimeInMinutes  | -1    | a whole number from 0 to 525600
            liquibase.changelogLockWaitTimeInMinutes  | 99999999999999999999 | a whole number from 0 to 525600
            liquibase.changelogLockPollRate           | 0     | a whole number from 1 to 3600
            liquibase.ddlLockTimeout                  | soon  | a number
            liquibase.preserveSchemaCase              | perhaps | true or false
            """)
    void refuses_a_value_by_its_name(String setting, String value, String right, @TempDir Path folder) throws Exception {
        try (TestDatabase database = Databases.empty()) {
            TinyChangelog changelog = changelog(folder, database);

            assertThatThrownBy(() -> Scope.child(setting, value, () -> changelog.run("update", Map.of())))
                    .hasMessageContaining("%s must be %s, not '%s'. Nothing has been changed.".formatted(dashed(setting), right,
                            value));
            System.setProperty(setting, value);
            try {
                assertThatThrownBy(() -> changelog.run("status", Map.of())).hasMessageContaining(dashed(setting) + " must be ");
            } finally {
                System.clearProperty(setting);
            }
            assertThat(database.count("select count(*) from pg_class where oid >= 16384")).isZero();
        }
    }

    @Test
    void refuses_a_setting_that_does_not_exist(@TempDir Path folder) throws Exception {
        try (TestDatabase database = Databases.empty()) {
            TinyChangelog changelog = changelog(folder, database);
            System.setProperty("supportdb.lock.patiens", "60");
            try {
                assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining(
                        "There is no setting supportdb.lock.patiens; there are: supportdb.backfill.batch-time, ");
            } finally {
                System.clearProperty("supportdb.lock.patiens");
            }
        }
    }

    /** The forms are those that Liquibase accepts, and one name belongs to a changelog. */
    @Test
    void takes_a_name_in_each_of_its_forms(@TempDir Path folder) throws Exception {
        try (TestDatabase database = Databases.empty()) {
            TinyChangelog changelog = changelog(folder, database);
            for (String name : new String[] {"supportdb.backfill.batch-time", "supportdb.backfill.batchTime",
                "supportdb.schema", "supportdb.lock.patience"}) {
                System.setProperty(name, name.endsWith("schema") ? "public" : "60");
                try {
                    changelog.run("update", Map.of());
                } finally {
                    System.clearProperty(name);
                }
            }
        }
    }

    private static String dashed(String setting) {
        return setting.replace("restRatio", "rest-ratio");
    }

    private static TinyChangelog changelog(Path folder, TestDatabase database) {
        return new TinyChangelog(folder, database).of(changeSet("1", "", "create table t (a int)", "drop table t"));
    }
}
