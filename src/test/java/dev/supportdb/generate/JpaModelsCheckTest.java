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
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.Test;

/** Where there is nothing to compare with. What is found is a test of what stands on it. */
final class JpaModelsCheckTest {

    /** Of no class at all. */
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
    void what_fails_in_the_scratch_database_is_said_to_have_failed_there() throws SQLException {
        try (TestDatabase database = Databases.empty()) {
            assertThatThrownBy(() -> check("@crm", database))
                    .isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessageStartingWith("There is nothing to compare the JPA classes with: what the label filter "
                            + "chooses cannot be built in a scratch database. In the database itself nothing has been "
                            + "changed.\nThis update cannot be done")
                    .hasMessageContaining("020_customer_preferences");
            assertThatThrownBy(() -> check("main or", database))
                    .as("a misuse").isInstanceOf(LabelFilter.Refused.class);
        }
    }

    private static void check(String labels, TestDatabase database) throws SQLException, CommandExecutionException {
        JpaModelsCheck.of(NONE, ScratchDatabase.on(MigrationState.head().labelled(labels).of(database)));
    }
}
