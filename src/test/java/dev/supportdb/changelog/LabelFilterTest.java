package dev.supportdb.changelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import liquibase.LabelExpression;
import liquibase.Labels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A filter that Liquibase understands is accepted, and one that it would misunderstand is refused. */
final class LabelFilterTest {

    /** The second is whether a changeset of main and contract is chosen: Liquibase has read it as a person does. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "main                          | true",
        "@main                         | true",
        "!main                         | false",
        "not main                      | false",
        "! @crm                        | true",
        "@!crm                         | true",
        "main,crm                      | true",
        "vector, crm or MAIN           | true",
        "main AND Not contract         | false",
        "crm or main and contract      | true",
        "(crm or main) and !contract   | false",
        "!(crm or (main and contract)) | false",
        "not(crm)and(main)             | true",
        "crm or(main)                  | true",
        "order-of_1 or not nothing     | true",
        "main, (crm and not vector)    | true"})
    void a_readable_filter_is_accepted(String filter, boolean chosen) {
        assertThatCode(() -> LabelFilter.checkSyntax("test", filter)).doesNotThrowAnyException();
        assertThat(new LabelExpression(filter).matches(new Labels("main", "contract"))).isEqualTo(chosen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"main or", "main and", "or main", "or", "not", "!", "@", "main or or crm", "main crm",
        "main not crm", "main !crm", "main or not", "main or crm,", ",main", ",", "main,,crm", "(main", "main)", "()",
        "(main) (crm)", "main(crm)", "(main or) crm", "(not)", "!!main", "not not main", "! not main", "main@crm",
        "main and (crm, vector)", "crm or (main,crm)"})
    void an_unreadable_filter_is_refused(String filter) {
        assertThatThrownBy(() -> LabelFilter.checkSyntax("test", filter)).isInstanceOf(LabelFilter.Refused.class)
                .hasMessageStartingWith("The label filter '%s' cannot be read.".formatted(filter))
                .hasMessageContaining("such as 'main or (crm and not contract)'")
                .hasMessageEndingWith("Nothing has been changed.");
    }

    @Test
    void no_filter_is_one() {
        for (String none : new String[] {null, "", " "}) {
            assertThatCode(() -> LabelFilter.checkSyntax(none, none)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"test or demo", "test and demo", "!test", "test demo", "(test)", "test,", ",", ",test", "or"})
    void contexts_are_no_expression(String contexts) {
        assertThatThrownBy(() -> LabelFilter.checkSyntax(contexts, null)).isInstanceOf(LabelFilter.Refused.class)
                .hasMessageStartingWith("The contexts '%s' cannot be read.".formatted(contexts));
        for (String names : List.of("test", "test,demo", " @test , Demo-2 ")) {
            assertThatCode(() -> LabelFilter.checkSyntax(names, null)).doesNotThrowAnyException();
        }
    }
}
