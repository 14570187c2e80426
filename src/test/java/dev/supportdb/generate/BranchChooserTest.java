package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.Test;

final class BranchChooserTest {

    @Test
    void a_change_belongs_where_its_tables_are_for_certain() throws LiquibaseException {
        assertThat(home("tickets", "customers").branch()).isEqualTo("main");
        assertThat(home("messages", "tickets").branch()).as("crm needs main").isEqualTo("crm");
        assertThat(home("reports").branch()).isEqualTo("reporting");
        assertThat(home().branch()).isEqualTo("main");
    }

    @Test
    void a_column_belongs_where_it_is_added() throws LiquibaseException {
        assertThat(home("customers", "customers.computed_score").branch()).isEqualTo("crm");
        assertThat(home("customers", "customers.email").branch()).isEqualTo("main");
    }

    @Test
    void what_a_branch_does_not_come_as_far_as_is_needed() throws LiquibaseException {
        assertThat(needs(home("messages", "tickets"), "crm")).isEmpty();
        assertThat(needs(home("messages", "ticket_category_enum"), "crm"))
                .containsExactly("017_ticket_categories-02-create_category_type");
        assertThat(needs(home("messages", "ticket_categories", "ticket_category_enum", "tags"), "crm"))
                .as("what is before it on main is there, too")
                .containsExactly("017_ticket_categories-04-create_ticket_categories");
        assertThat(needs(home("knowledge_base_articles", "ticket_category_enum"), "knowledge")).isEmpty();
        assertThat(needs(home("tickets"), "a_new_one")).containsExactly("001_initial_schema-04-create_tickets");
        assertThat(home("messages", "tags").warnings("crm")).as("crm needs main anyway").isEmpty();
    }

    @Test
    void that_a_branch_can_no_longer_do_without_another_is_said() throws LiquibaseException {
        BranchChooser home = home("messages", "reports", "tickets");

        assertThat(home.branch()).isEqualTo("main");
        assertThat(needs(home, "main")).containsExactly("023_messages-02-create_messages",
                "009_reports-02-create_reports");
        assertThat(home.warnings("main")).satisfiesExactly(
                first -> assertThat(first)
                        .startsWith("from now on main cannot be updated without crm, which makes messages: "),
                second -> assertThat(second).contains("without reporting, which makes reports: "));
    }

    private static List<String> needs(BranchChooser home, String branch) {
        return home.condition(branch).stream().flatMap(condition -> condition.wanted().stream())
                .map(ChangeSet::getId).toList();
    }

    private static BranchChooser home(String... touched) throws LiquibaseException {
        return new BranchChooser(Changelog.read(Path.of(""), "changelog/db.changelog-master.yaml", Map.of()),
                Set.of(touched));
    }
}
