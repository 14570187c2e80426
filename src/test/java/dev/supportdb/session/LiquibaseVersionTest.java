package dev.supportdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.DocumentationPage;
import java.io.IOException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LiquibaseVersionTest {

    @ParameterizedTest
    @ValueSource(strings = {"4.32.0", "4.31.1", "4.9.1", "3.10.3"})
    void an_older_one_is_refused_with_how_to_set_it(String version) {
        assertThat(LiquibaseVersion.refusal(version)).get().asString()
                .contains("support-db needs Liquibase 4.33 or later, and this is %s.".formatted(version))
                .contains("<liquibase.version>4.33.0</liquibase.version>", "ext['liquibase.version']");
    }

    @Test
    void the_page_says_it_in_the_same_words() throws IOException {
        String page = DocumentationPage.of("docs/from-your-application.md").text();
        String refusal = LiquibaseVersion.refusal("4.31.1").orElseThrow();

        assertThat(Pattern.compile("`([^`\n]*4\\.33\\.0[^`\n]*)`").matcher(page).results()
                .map(found -> found.group(1))).hasSize(2).allMatch(refusal::contains);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.33.0", "4.34.1", "5.0.0", "5.0.4", "10.0", "DEV", "0-SNAPSHOT"})
    void any_other_is_not(String version) {
        assertThat(LiquibaseVersion.refusal(version)).isEmpty();
    }

    @Test
    void the_one_at_hand_is_not() {
        assertThat(LiquibaseVersion.refusal()).isEmpty();
    }
}
