package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bare Maven goal on a clone that nobody has compiled. */
final class UncompiledCloneTest {

    private static FreshClone clone;

    @BeforeAll
    static void copy(@TempDir Path folder) throws Exception {
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

    /** As where Liquibase is not run by the pom. */
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
}
