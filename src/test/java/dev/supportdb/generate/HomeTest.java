package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.Test;

final class HomeTest {

    @Test
    void a_change_belongs_where_its_tables_are_for_certain() throws LiquibaseException {
        assertThat(home("tickets", "customers").branch()).isEqualTo("main");
        assertThat(home("messages", "tickets").branch()).as("crm needs main").isEqualTo("crm");
        assertThat(home("reports").branch()).isEqualTo("reporting");
        assertThat(home().branch()).isEqualTo("main");
    }

    @Test
    void what_a_branch_cannot_count_on_is_said() throws LiquibaseException {
        assertThat(home("messages", "reports").branch()).isEqualTo("main");
        assertThat(home("messages", "reports", "tickets").warnings("main")).satisfiesExactly(
                first -> assertThat(first)
                        .startsWith("table messages comes from crm/023_messages, and the branch main "),
                second -> assertThat(second).startsWith("table reports comes from reporting/009_reports, and "));
        assertThat(home("messages", "tickets").warnings("crm")).isEmpty();
    }

    private static Home home(String... touched) throws LiquibaseException {
        return new Home(Changelog.read(Path.of(""), "changelog/db.changelog-master.yaml", Map.of()), Set.of(touched));
    }
}
