package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EnumTypeChangesTest {

    @Test
    void a_value_is_added_and_one_that_is_gone_is_left_to_a_person() {
        EnumTypeChanges types = new EnumTypeChanges(Map.of("mood", List.of("glad", "sad")),
                Map.of("mood", List.of("glad", "so-so")));

        assertThat(ChangesetDraft.text(types.drafts(), "029_moods")).contains("id: \"029_moods-02-add_so_so_to_mood\"",
                "- sql: alter type mood add value if not exists 'so-so'", """
                            because: a value of an enum type cannot be taken back; to go as far back as possible, ./supportdb downgrade 029-02
                            rows: select 1
                """);
        assertThat(types.drafts().get(0).warnings()).singleElement().asString()
                .contains("every downgrade of the whole feature", "put the value in a feature of its own");
        assertThat(types.drops()).singleElement().satisfies(draft -> {
            assertThat(draft.isCommentedOut()).isTrue();
            assertThat(draft.warnings()).singleElement().asString().startsWith("the models do not use sad of mood");
        });
    }

    @Test
    void a_value_goes_where_the_models_have_it() {
        assertThat(ChangesetDraft.text(new EnumTypeChanges(Map.of("mood", List.of("low", "high")),
                Map.of("mood", List.of("none", "low", "fair", "good", "high", "top"))).drafts(), "029_moods"))
                .containsSubsequence("add value if not exists 'none' before 'low'",
                        "add value if not exists 'fair' before 'high'", "add value if not exists 'good' before 'high'",
                        "add value if not exists 'top'\n");
    }

    @Test
    void another_order_is_left_to_a_person() {
        EnumTypeChanges types = new EnumTypeChanges(Map.of("mood", List.of("low", "high")),
                Map.of("mood", List.of("high", "low")));

        assertThat(types.drafts()).isEmpty();
        assertThat(types.drops()).singleElement().satisfies(draft -> {
            assertThat(draft.isCommentedOut()).isTrue();
            assertThat(draft.warnings()).singleElement().asString()
                    .startsWith("the models have the values of mood in the order high, low");
        });
    }

    /** A new value stays for ever, and so does everything before it. */
    @Test
    void a_value_comes_before_a_type() {
        assertThat(ChangesetDraft.text(new EnumTypeChanges(Map.of("mood", List.of("a")),
                Map.of("colour", List.of("red"), "mood", List.of("a", "b"))).drafts(), "029_moods"))
                .containsSubsequence("029_moods-02-add_b_to_mood", "029_moods-03-create_colour");
    }

    @Test
    void a_type_comes_and_a_type_goes() {
        assertThat(ChangesetDraft.text(new EnumTypeChanges(Map.of(), Map.of("mood", List.of("it's"))).drafts(), "f"))
                .contains("- sql: create type mood as enum ('it''s')", "- sql: drop type mood");
        assertThat(ChangesetDraft.text(new EnumTypeChanges(Map.of("mood", List.of("a")), Map.of()).drops(), "f"))
                .contains("  #       - sql: drop type mood", "  #       - sql: create type mood as enum ('a')");
    }
}
