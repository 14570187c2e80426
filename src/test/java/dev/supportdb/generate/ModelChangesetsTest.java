package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.SchemaFingerprint;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests with schemas as a fingerprint describes them, so that no database is needed. */
final class ModelChangesetsTest {

    private final SortedMap<String, List<Fact>> now = new TreeMap<>();
    private final SortedMap<String, List<Fact>> models = new TreeMap<>();

    /** There, and in the models too. */
    private void both(Fact... object) {
        now.put(object[0].name(), List.of(object));
        model(object);
    }

    private void model(Fact... object) {
        models.put(object[0].name(), List.of(object));
    }

    private ModelChangesets proposal() {
        return new ModelChangesets(schema(now), schema(models));
    }

    private static JpaSchema schema(SortedMap<String, List<Fact>> objects) {
        return JpaSchema.of(SchemaFingerprint.of(objects.values().stream().flatMap(List::stream).toList()), Set.of());
    }

    private static Fact table(String name) {
        return new Fact("table", "public", name, null, "persistence", "permanent");
    }

    private static Fact column(String table, String name, String type) {
        return new Fact("table column", "public", table, name, "type", type);
    }

    private static Fact[] text(String table, String name, int length) {
        return new Fact[] {column(table, name, "character varying(%d)".formatted(length)),
            new Fact("table column", "public", table, name, "length", String.valueOf(length))};
    }

    private static Fact[] type(String name, String... labels) {
        return Stream.of(labels).map(label -> new Fact("type", "public", name, null, "label", label))
                .toArray(Fact[]::new);
    }

    private static Fact[] index(String table, String... columns) {
        Stream<Fact> keys = Stream.of(columns).flatMap(column -> Stream.of(
                new Fact("index", "public", "ix", null, "key", column),
                new Fact("index", "public", "ix", null, "column", column.replace(" DESC", ""))));
        return Stream.concat(Stream.of(new Fact("index", "public", "ix", null, "on", "public." + table),
                new Fact("index", "public", "ix", null, "using", "btree")), keys).toArray(Fact[]::new);
    }

    /** Returns the foreign key of a column ticket_id. */
    private static Fact[] key(String table) {
        Map<String, String> aspects = Map.of("definition", "FOREIGN KEY (ticket_id) REFERENCES public.tickets(id)",
                "constraint type", "foreign key", "column", "ticket_id", "references", "public.tickets",
                "referenced column", "id");
        return aspects.entrySet().stream().map(aspect -> new Fact("table constraint", "public", table, "fk",
                aspect.getKey(), aspect.getValue())).toArray(Fact[]::new);
    }

    private void ticketsAndMessages() {
        both(type("mood", "bad", "good"));
        both(type("colour", "red"));
        both(table("tickets"));
        both(column("tickets", "id", "integer"), new Fact("table column", "public", "tickets", "id", "not null", ""));
        both(column("tickets", "mood", "public.mood"));
        both(table("messages"));
        both(text("messages", "body", 100));
        both(column("messages", "\"order\"", "integer"));
    }

    @Test
    void the_dependencies_of_a_change_are_named() {
        ticketsAndMessages();
        model(column("messages", "moods", "public.mood[]"));
        model(column("messages", "ticket_id", "integer"));
        model(key("messages"));
        model(index("messages", "body DESC", "\"order\""));

        assertThat(proposal().touched()).containsExactly("messages", "messages.body", "messages.order", "mood",
                "tickets", "tickets.id");
    }

    @Test
    void a_type_that_gets_a_value_is_built_on() {
        ticketsAndMessages();
        model(type("colour", "green", "red"));

        assertThat(proposal().touched()).containsExactly("colour");
    }

    @Test
    void an_unchanged_table_is_not_touched() {
        ticketsAndMessages();

        assertThat(proposal().touched()).isEmpty();
        assertThat(proposal().isEmpty()).isTrue();
    }

    @Test
    void a_key_of_a_new_table_without_an_index_is_warned_of() {
        ticketsAndMessages();
        model(table("calls"));
        model(column("calls", "ticket_id", "integer"));
        model(key("calls"));
        String warning = "no index of calls begins with ticket_id: a delete of a row of tickets reads all of calls";
        assertThat(proposal().warnings()).contains(warning);
        assertThat(proposal().text("029_calls")).contains("  # WARNING: " + warning);

        model(index("calls", "ticket_id"));
        assertThat(proposal().warnings()).doesNotContain(warning);
    }

    @Test
    void a_shorter_text_fails_on_longer_values() {
        ticketsAndMessages();
        model(text("messages", "body", 50));
        assertThat(proposal().warnings()).anyMatch(said -> said.startsWith("this fails on a value of more than 50 ")
                && said.endsWith("select * from messages where length(body) > 50"));

        model(column("messages", "body", "integer"));
        assertThat(proposal().warnings()).isNotEmpty().noneMatch(said -> said.startsWith("this fails on"));
    }

    @Test
    void a_change_that_waits_for_a_person_is_not_written_twice() {
        ticketsAndMessages();
        models.remove("table column public.messages.\"order\"");
        model(text("messages", "body", 50));
        String first = proposal().text("029_shorter");

        ModelChangesets again = proposal();
        assertThat(again.leaveOut(Map.of("a.yaml", "something", "b.yaml", first.replace("TODO", "Its place"))))
                .containsExactly("Change messages.body from varchar(100) to varchar(50): b.yaml",
                        "Drop messages.\"order\": b.yaml");
        assertThat(again.isEmpty()).isTrue();

        model(text("messages", "body", 60));
        ModelChangesets another = proposal();
        assertThat(another.leaveOut(Map.of("b.yaml", first))).hasSize(1);
        assertThat(another.text("030_longer")).contains("to varchar(60)").doesNotContain("Drop messages");
    }

    private static ChangesetDraft dropReports() {
        return new ChangesetDraft("drop_reports", "Drop table reports").dropping("reports").commentedOut();
    }

    /** They are only known when the branch of its file is. */
    @Test
    void a_change_that_waits_for_a_person_is_found_by_its_head_whatever_its_preconditions_are() throws Exception {
        ChangesetDraft draft = dropReports();
        draft.needDropped(Changelog.read(Path.of(""), "changelog/db.changelog-master.yaml", Map.of()), "main");
        String file = draft.text("029_x", 2);

        assertThat(file).contains("  #     preConditions:", "id: \"009_reports-02-create_reports\"");
        assertThat(dropReports().isCommentedOutIn(file)).isTrue();
    }

    @Test
    void what_somebody_has_woken_is_written_again() {
        ticketsAndMessages();
        models.remove("table column public.messages.\"order\"");

        ModelChangesets proposal = proposal();
        assertThat(proposal.leaveOut(Map.of("b.yaml", proposal.text("029_x").replaceAll("(?m)^  # ", "  ")))).isEmpty();
        assertThat(proposal.isEmpty()).isFalse();
    }
}
