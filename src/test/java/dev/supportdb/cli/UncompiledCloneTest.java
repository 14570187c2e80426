package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** A clone that nobody has compiled: a bare Maven goal, and the first command. */
final class UncompiledCloneTest {

    @TempDir
    private static Path folder;

    private static FreshClone clone;

    @BeforeAll
    static void copy() throws Exception {
        assumeThat(FreshClone.isPossible()).as("mvn is on the PATH").isTrue();
        clone = FreshClone.in(folder.resolve("clone"), 10);
        clone.delete("target/classes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "update", "rollback -Dliquibase.rollbackCount=1", "update -Denv=analytics"})
    void a_goal_says_to_compile_and_leaves_the_database_as_it_is(String goal) throws Exception {
        try (TestDatabase database = Databases.empty()) {
            CommandRun run = clone.type("mvn -q -B liquibase:" + goal, database);

            assertThat(run.exitCode()).isNotZero();
            assertThat(run.output()).contains("Cannot find database driver: dev.supportdb.session.RunMvnCompileFirst");
            assertThat(database.count("select count(*) from pg_class where relnamespace = 'public'::regnamespace"))
                    .isZero();
        }
    }

    /** This is the case if Liquibase is not run by the pom. */
    @Test
    void without_the_driver_of_the_pom_the_changelog_says_so_before_it_names_a_change_type() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("001_initial_schema"))) {
            CommandRun run = clone.type("mvn -q -B liquibase:update -Dliquibase.driver=org.postgresql.Driver "
                    + "-Dliquibase.password=\"$DB_PASSWORD\"", database);

            assertThat(run.exitCode()).isNotZero();
            assertThat(run.output()).contains("supportdb-run-mvn-compile-first.yaml was not found")
                    .doesNotContain("refuse");
        }
    }

    @Test
    void the_first_command_that_a_program_calls_prints_json_alone() throws Exception {
        Path own = folder.resolve("first");
        FreshClone first = FreshClone.in(own, 10);
        first.delete("target");
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            CommandRun run = first.type("./supportdb current --json 2>said", database);

            assertThat(run.exitCode()).as(run.output()).isZero();
            assertThat(run.output()).startsWith("{\"behind\":").endsWith("}\n");
            // JSON is also YAML.
            Map<String, Object> json = new Yaml().load(run.output());
            assertThat(json).containsKeys("behind", "branches");
            assertThat(first.text("said")).contains("Compiling").doesNotContain("\u001b");
        }
    }

    @Test
    void where_no_server_answers_autogenerate_says_so_by_its_exit_code() throws Exception {
        // Compiled, because it needs the classes of the models as well.
        CommandRun run = FreshClone.in(folder.resolve("compiled"), 10).type("./supportdb autogenerate words", null);

        assertThat(run.exitCode()).as(run.output()).isEqualTo(2);
        assertThat(run.output()).contains("Cannot create a scratch database: No PostgreSQL server answers");
    }
}
