package dev.supportdb.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The check finds what is wrong with the rollbacks of a changelog, and nothing else. */
final class RollbackCheckTest {

    /** The output for a changelog of three files that each have something wrong. */
    private static String threeWrong;

    @BeforeAll
    static void check() throws SQLException, CommandExecutionException {
        threeWrong = check("three_wrong", false);
    }

    @Test
    void data_that_is_lost_is_found_where_it_was_lost() {
        assertThat(wrong("loses_data"))
                .contains("  WRONG  rollback-check/loses_data.yaml::loses_data-02-drop_nickname::support-db\n"
                        + "    its rollback does not restore what was there before:\n"
                        + "    public.people\n"
                        + "      - 2 rows, sha256 ")
                .contains("    in public.people\n"
                        + "      {\"id\": \"1\"}: nickname was \"Bo\", is null\n")
                .doesNotContain("loses_data-01", "loses_data-03", "run again, it");
    }

    @Test
    void a_changeset_that_does_something_else_the_second_time_is_found() {
        assertThat(wrong("differs_again")).contains("differs_again-02-insert_keys", "run again, it does not leave",
                "{\"id\": \"7\"}: value was ").doesNotContain("differs_again-01", "its rollback");
    }

    @Test
    void an_object_that_is_left_is_found() {
        assertThat(wrong("leaves_object")).contains("leaves_object-01-create_guests", "its rollback does not restore",
                "function public.greeting()").doesNotContain("leaves_object-02");
    }

    @Test
    void a_way_back_that_is_missing_is_found() throws SQLException, CommandExecutionException {
        assertThat(check("cannot_go_back", false)).contains("cannot_go_back-02-insert_people",
                "fails, so later changesets were not checked: Cannot roll back: these changesets have no rollback.")
                .doesNotContain("cannot_go_back-01");
    }

    @Test
    void a_changelog_that_goes_back_as_it_should_passes() throws SQLException, CommandExecutionException {
        assertThat(check("right", true)).contains("empty    3 changesets", "demo     4 changesets",
                "hostile  3 changesets").contains("rollback check passed").doesNotContain("WRONG");
    }

    /** Returns the findings in one of the three files. */
    private static String wrong(String file) {
        return Stream.of(threeWrong.split("(?=  WRONG  )"))
                .filter(finding -> finding.startsWith("  WRONG  rollback-check/%s.yaml::".formatted(file)))
                .collect(Collectors.joining());
    }

    /** Returns the output of the check. */
    private static String check(String changelog, boolean passes) throws SQLException, CommandExecutionException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (TestDatabase server = Databases.empty()) {
            TargetDatabase target = new TargetDatabase(server.url(), server.username(), server.password(),
                    "rollback-check/" + changelog + ".yaml", "test", null, Map.of());
            PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8);

            assertThat(new RollbackCheck(target, 1, out, line -> { }).run()).isEqualTo(passes);

            assertThat(server.count("select count(*) from pg_database where datname like 'rollback_check%'")).isZero();
        }
        return output.toString(StandardCharsets.UTF_8);
    }
}
