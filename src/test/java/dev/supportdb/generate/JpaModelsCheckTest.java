package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.ScratchDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.Test;

/** Tests the cases without anything to compare. Other tests check what is found. */
final class JpaModelsCheckTest {

    /** Models without any class. */
    private static final JpaModels NONE = new JpaModels() {

        @Override
        public List<Step> ddl() {
            return List.of();
        }

        @Override
        public Set<String> unmapped() {
            return Set.of();
        }
    };

    @Test
    void a_failure_in_the_scratch_database_is_reported_as_such() throws SQLException {
        try (TestDatabase database = Databases.empty()) {
            assertThatThrownBy(() -> check("@crm", database))
                    .isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessageStartingWith("Cannot compare the JPA classes: the changesets that the label filter "
                            + "selects cannot be built in a scratch database. In the database itself nothing has been "
                            + "changed.\nThis update cannot be done")
                    .hasMessageContaining("020_customer_preferences");
            assertThatThrownBy(() -> check("main or", database))
                    .as("a misuse").isInstanceOf(LabelFilter.Refused.class);
        }
    }

    @Test
    void a_name_that_the_server_would_cut_is_refused() throws SQLException {
        String name = "a".repeat(64);
        JpaModels models = new JpaModels() {

            @Override
            public List<Step> ddl() {
                return List.of(new Step("Tag", "create table " + name + " (id int)"));
            }

            @Override
            public Set<String> unmapped() {
                return Set.of();
            }
        };
        try (TestDatabase database = Databases.empty()) {
            assertThatThrownBy(() -> JpaModelsCheck.of(models,
                    ScratchDatabase.on(MigrationState.head().of(database)), new DefaultChangeExecListener()))
                    .isInstanceOf(UnusableModelsException.class)
                    .hasMessageStartingWith("Cannot create the tables of the JPA classes. class Tag: identifier \""
                            + name)
                    .hasMessageContaining("at most 63 bytes");
        }
    }

    private static void check(String labels, TestDatabase database) throws SQLException, CommandExecutionException {
        JpaModelsCheck.of(NONE, ScratchDatabase.on(MigrationState.head().labelled(labels).of(database)),
                new DefaultChangeExecListener());
    }
}
