package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.schema.Fingerprint;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Of schemas as a fingerprint tells them, so that no database is needed. */
final class ModelChangesetsTest {

    private final SortedMap<String, SortedSet<String>> now = new TreeMap<>();
    private final SortedMap<String, SortedSet<String>> models = new TreeMap<>();

    /** There, and in the models too. */
    private void both(String object, String fact) {
        now.put(object, new TreeSet<>(Set.of(fact)));
        models.put(object, new TreeSet<>(Set.of(fact)));
    }

    private void model(String object, String fact) {
        models.put(object, new TreeSet<>(Set.of(fact)));
    }

    private ModelChangesets proposal() {
        return new ModelChangesets(JpaSchema.of(new Fingerprint(now), Set.of()),
                JpaSchema.of(new Fingerprint(models), Set.of()));
    }

    private void ticketsAndMessages() {
        both("type public.mood", "enum ('bad', 'good')");
        both("type public.colour", "enum ('red')");
        both("table public.tickets", "permanent");
        both("table column public.tickets.id", "integer not null");
        both("table column public.tickets.mood", "mood");
        both("table public.messages", "permanent");
        both("table column public.messages.body", "character varying(100)");
        both("table column public.messages.\"order\"", "integer");
    }

    @Test
    void what_a_change_builds_on_is_told() {
        ticketsAndMessages();
        model("table column public.messages.moods", "mood[]");
        model("table column public.messages.ticket_id", "integer");
        model("table constraint fk on public.messages", "FOREIGN KEY (ticket_id) REFERENCES public.tickets(id)");
        model("index public.ix", "CREATE INDEX ix ON public.messages USING btree (body DESC, \"order\")");

        assertThat(proposal().touched()).containsExactly("messages", "messages.body", "messages.order", "mood",
                "tickets", "tickets.id");
    }

    @Test
    void a_type_that_gets_a_value_is_built_on() {
        ticketsAndMessages();
        model("type public.colour", "enum ('green', 'red')");

        assertThat(proposal().touched()).containsExactly("colour");
    }

    @Test
    void what_is_the_same_is_not_touched() {
        ticketsAndMessages();

        assertThat(proposal().touched()).isEmpty();
        assertThat(proposal().isEmpty()).isTrue();
    }

    @Test
    void a_key_of_a_new_table_without_an_index_is_warned_of() {
        ticketsAndMessages();
        model("table public.calls", "permanent");
        model("table column public.calls.ticket_id", "integer");
        model("table constraint fk on public.calls", "FOREIGN KEY (ticket_id) REFERENCES public.tickets(id)");
        String warning = "no index of calls begins with ticket_id: who deletes a row of tickets reads all of calls";
        assertThat(proposal().warnings()).contains(warning);
        assertThat(proposal().text("029_calls")).contains("  # WARNING: " + warning);

        model("index public.ix", "CREATE INDEX ix ON public.calls USING btree (ticket_id)");
        assertThat(proposal().warnings()).doesNotContain(warning);
    }

    @Test
    void a_shorter_text_fails_on_longer_values() {
        ticketsAndMessages();
        model("table column public.messages.body", "character varying(50)");
        assertThat(proposal().warnings()).anyMatch(said -> said.startsWith("this fails on a value of more than 50 ")
                && said.endsWith("select * from messages where length(body) > 50"));

        model("table column public.messages.body", "integer");
        assertThat(proposal().warnings()).isNotEmpty().noneMatch(said -> said.startsWith("this fails on"));
    }

    @Test
    void what_waits_for_a_person_is_not_written_twice() {
        ticketsAndMessages();
        models.remove("table column public.messages.\"order\"");
        model("table column public.messages.body", "character varying(50)");
        String first = proposal().text("029_shorter");

        ModelChangesets again = proposal();
        assertThat(again.leaveOut(Map.of("a.yaml", "something", "b.yaml", first.replace("TODO", "Its place"))))
                .containsExactly("Change messages.body from varchar(100) to varchar(50): b.yaml",
                        "Drop messages.\"order\": b.yaml");
        assertThat(again.isEmpty()).isTrue();

        model("table column public.messages.body", "character varying(60)");
        ModelChangesets another = proposal();
        assertThat(another.leaveOut(Map.of("b.yaml", first))).hasSize(1);
        assertThat(another.text("030_longer")).contains("to varchar(60)").doesNotContain("Drop messages");
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
