package dev.supportdb.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.supportdb.schema.IgnoreList.Entry;
import dev.supportdb.schema.IgnoreList.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IgnoreListTest {

    private static final Difference DIFFERENCE = new Difference(new TreeMap<>(Map.of(
            "index public.ix_trial_1", new Difference.Sides(ObjectFacts.NONE,
                    facts("index", "ix_trial_1", "definition", "create index\nin two lines")),
            "index public.ix_other", new Difference.Sides(ObjectFacts.NONE,
                    facts("index", "ix_other", "definition", "create index")),
            "table public.tickets", new Difference.Sides(
                    facts("table", "tickets", "comment", "a"),
                    facts("table", "tickets", "comment", "b", "grant select to", "grafana")))));

    /** @param aspects each followed by its value */
    private static ObjectFacts facts(String kind, String object, String... aspects) {
        return new ObjectFacts(IntStream.range(0, aspects.length / 2).mapToObj(i ->
                new Fact(kind, "public", object, null, aspects[2 * i], aspects[2 * i + 1])).toList());
    }

    @TempDir
    private Path folder;

    private IgnoreList list(String text) throws IOException {
        return IgnoreList.read(Files.writeString(folder.resolve("drift.ignore"), text));
    }

    @Test
    void an_object_is_ignored_with_all_that_is_known_of_it() throws IOException {
        Outcome outcome = list("""
                # for people

                index public.ix_trial_*   # tried out
                table public.tickets  # why not
                """).apply(DIFFERENCE);

        assertThat(outcome.difference().objects().keySet()).containsExactly("index public.ix_other");
        assertThat(outcome.ignored()).containsExactly("index public.ix_trial_1", "table public.tickets");
        assertThat(outcome.idle()).isEmpty();
    }

    @Test
    void a_table_is_ignored_with_its_columns_keys_indexes_and_sequences() throws IOException {
        Difference difference = new Difference(new TreeMap<>(Map.of(
                "table public.test_1", onlyRight(new Fact("table", "public", "test_1", null, "persistence", "permanent")),
                "table column public.test_1.id",
                onlyRight(new Fact("table column", "public", "test_1", "id", "type", "integer")),
                "table constraint pk on public.test_1",
                onlyRight(new Fact("table constraint", "public", "test_1", "pk", "definition", "PRIMARY KEY (id)")),
                "index public.i", onlyRight(new Fact("index", "public", "i", null, "on", "public.test_1")),
                "sequence public.s", onlyRight(new Fact("sequence", "public", "s", null, "owned by", "public.test_1.id")),
                "index public.j", onlyRight(new Fact("index", "public", "j", null, "on", "public.tickets")))));

        for (String pattern : List.of("table test_*", "table public.test_1")) {
            assertThat(list(pattern + "  # of a trial").apply(difference).difference().objects())
                    .containsOnlyKeys("index public.j");
        }
        assertThat(list("table public.test  # another").apply(difference).difference()).isEqualTo(difference);
    }

    @Test
    void a_schema_is_ignored_with_its_objects() throws IOException {
        Difference difference = new Difference(new TreeMap<>(Map.of(
                "schema audit", onlyRight(new Fact("schema", null, "audit", null, "exists", "")),
                "table audit.t", onlyRight(new Fact("table", "audit", "t", null, "persistence", "permanent")),
                "function audit2.f()", onlyRight(new Fact("function", "audit2", "f()", null, "definition", "create")))));

        assertThat(list("schema audit  # of another team").apply(difference).difference().objects())
                .containsOnlyKeys("function audit2.f()");
    }

    private static Difference.Sides onlyRight(Fact fact) {
        return new Difference.Sides(ObjectFacts.NONE, new ObjectFacts(List.of(fact)));
    }

    @Test
    void the_examples_of_the_page_are_read() throws IOException {
        String page = Files.readString(Path.of("docs/drift.md"));

        assertThat(list(page.split("```")[1]).entries()).extracting(Entry::pattern).containsExactly("table test_*",
                "index public.ix_tickets_trial_*", "table public.*: grant select to grafana", "schema audit");
        assertThatIllegalArgumentException().isThrownBy(() -> list("table *  # refused, as the page says"));
    }

    @Test
    void a_single_fact_is_ignored() throws IOException {
        Outcome outcome = list("table *: grant * to grafana # of the dashboards").apply(DIFFERENCE);

        assertThat(outcome.difference().objects()).hasSize(3).containsEntry("table public.tickets",
                new Difference.Sides(
                        facts("table", "tickets", "comment", "a"), facts("table", "tickets", "comment", "b")));
        assertThat(outcome.ignored()).containsExactly("table public.tickets");
    }

    @Test
    void an_entry_that_covers_nothing_is_told() throws IOException {
        Outcome outcome =
                list("index public.ix_trial # only the whole name\nindex public.ix_* # all\nINDEX public.ix_* # not as written\n")
                .apply(DIFFERENCE);

        assertThat(outcome.idle()).containsExactly(
                new Entry(1, "index public.ix_trial", "only the whole name"),
                new Entry(3, "INDEX public.ix_*", "not as written"));
    }

    @Test
    void an_entry_without_a_reason_is_refused() {
        for (String line : List.of("index public.i", "index public.i #", "index public.i#x")) {
            assertThatIllegalArgumentException().isThrownBy(() -> list("# fine\n" + line + "\n"))
                    .withMessageContaining("drift.ignore:2: ").withMessageContaining("has no reason");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*", "* *", "table*", "table *", "* public.*", "table public.**", "*: *", "table *: *",
                    "*ix_*_1"})
    void an_entry_that_would_hide_everything_is_refused(String pattern) {
        assertThatIllegalArgumentException().isThrownBy(() -> list(pattern + "  # why not"))
                .withMessageContaining("drift.ignore:1: '" + pattern + "' would hide more than anybody means");
    }

    @ParameterizedTest
    @CsvSource({"index public.ix_trial_*, true", "index *.ix_trial_1, true", "index *ix_*_1, true",
        "index public.ix_trial_1*, true", "index public.ix_*_trial_1, false", "index public.ix_trial_*1_1, false",
        "index public.***i**_***1, true", "index [p]ublic.ix_trial_1, false"})
    void an_asterisk_stands_for_anything(String pattern, boolean covers) throws IOException {
        assertThat(list(pattern + " # tried out").apply(DIFFERENCE).ignored().contains("index public.ix_trial_1"))
                .isEqualTo(covers);
    }

    @Test
    @Timeout(10)
    void many_asterisks_take_no_longer() throws IOException {
        Outcome outcome = list("table public." + "*a".repeat(40) + "*b  # tried out")
                .apply(new Difference(new TreeMap<>(
                Map.of("table public." + "a".repeat(5_000), new Difference.Sides(
                        facts("table", "a".repeat(5_000), "persistence", "permanent"), ObjectFacts.NONE)))));

        assertThat(outcome.ignored()).isEmpty();
    }

    @Test
    void an_unreadable_line_is_named() throws IOException {
        Path file = Files.write(folder.resolve("drift.ignore"), new byte[] {'#', (byte) 0xe4, '\n'});

        assertThatIOException().isThrownBy(() -> IgnoreList.read(file))
                .withMessageContaining("drift.ignore cannot be read as UTF-8");
    }

    @Test
    void nothing_is_ignored_without_a_file() throws IOException {
        assertThat(IgnoreList.read(folder.resolve("none")).apply(DIFFERENCE).difference()).isEqualTo(DIFFERENCE);
    }
}
