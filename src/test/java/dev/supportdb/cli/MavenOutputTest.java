package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bare Maven goal says each thing once. */
final class MavenOutputTest {

    private static final String FILTER = "-Dliquibase.labels='!vector' ";

    private static FreshClone clone;

    @BeforeAll
    static void copy(@TempDir Path folder) throws Exception {
        assumeThat(FreshClone.isPossible()).as("mvn is on the PATH").isTrue();
        clone = FreshClone.in(folder.resolve("clone"), 10);
        // Without parameters, because the plugin prints a stack trace for each one.
        clone.replace("contexts/dev.properties", "\nparameter.demo.rows=10\n", "");
    }

    private static CommandRun mvn(String words, TestDatabase database) throws Exception {
        return clone.type("mvn -B liquibase:" + words, database);
    }

    @Test
    void an_update_names_each_changeset_and_backfill_once_and_a_tag_prints_no_stack_trace() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("026_articles"))) {
            database.execute("insert into customers (email, name) values ('a@b.example', 'A'), ('b@b.example', 'B')");
            CommandRun update = mvn("update " + FILTER, database);

            assertThat(update.exitCode()).as(update.output()).isZero();
            assertThat(update.output()).containsOnlyOnce("UPDATE SUMMARY")
                    .contains("Rows affected: 2\n").doesNotContain("Custom SQL executed");
            List<String> said = update.output().lines().filter(line -> line.contains("customer_score")).toList();
            assertThat(said).hasSize(6).filteredOn(line -> line.contains("Running Changeset")).hasSize(5);
            assertThat(said.get(5)).contains("customer_score: 2 rows of customers in 1 batch, ");

            CommandRun tag = mvn("tag -Dliquibase.tag=release-7", database);
            assertThat(tag.exitCode()).isZero();
            assertThat(tag.output()).doesNotContain("Exception");
            assertThat(tag.output().lines()).hasSizeLessThan(25);
            assertThat(database.count("select count(*) from databasechangelog where tag = 'release-7'")).isOne();
        }
    }

    @Test
    void an_error_stands_once_after_the_changeset_failed_or_the_run_was_refused() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("026_articles"))) {
            database.execute("create table knowledge_base_articles (id int)");
            CommandRun failed = mvn("update " + FILTER, database);

            assertThat(failed.exitCode()).isNotZero();
            assertThat(failed.output()).doesNotContain("DatabaseException: liquibase.exception.DatabaseException");
            assertThat(failed.output().lines().filter(line -> line.startsWith("[ERROR] ")
                    && line.contains("relation \"knowledge_base_articles\" already exists"))).hasSize(1);

            CommandRun refused = mvn("update -Dliquibase.labels=@crmm", database);
            assertThat(refused.exitCode()).isNotZero();
            assertThat(refused.output().lines().filter(line -> line.startsWith("[ERROR] There is no label 'crmm'")))
                    .hasSize(1);
        }
    }

    @Test
    void a_wrong_password_is_explained_on_a_line_of_its_own() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            CommandRun run = clone.type("DB_USERNAME=nobody-at-all mvn -B liquibase:update", database);

            assertThat(run.exitCode()).isNotZero();
            assertThat(run.output()).containsOnlyOnce("\n[ERROR] The server at ").doesNotContain("NoConnection");
        }
    }
}
