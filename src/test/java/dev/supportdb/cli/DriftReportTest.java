package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Fact;
import dev.supportdb.schema.IgnoreList;
import dev.supportdb.schema.ObjectFacts;
import dev.supportdb.verify.DriftCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class DriftReportTest {

    private static final Difference DIFFERENCE = new Difference(new TreeMap<>(Map.of("index public.ix_trial",
            new Difference.Sides(ObjectFacts.NONE, new ObjectFacts(List.of(
                    fact("on", "public.t"), fact("using", "btree"), fact("key", "i"), fact("column", "i")))))));

    private static Fact fact(String aspect, String value) {
        return new Fact("index", "public", "ix_trial", null, aspect, value);
    }

    private static CheckCommand.Verdict report(DriftCheck drift, IgnoreList.Entry... entries) {
        return DriftReport.of(drift, new IgnoreList(Path.of("drift.ignore"), List.of(entries)), "029_adopted_by_hand",
                (command, words) -> "./supportdb %s %s --env=production".formatted(command, String.join(" ", words)));
    }

    @Test
    void a_database_that_differs_as_it_is_meant_to_is_in_step() {
        CheckCommand.Verdict verdict = report(new DriftCheck(7, List.of(), List.of(), DIFFERENCE),
                new IgnoreList.Entry(3, "index public.ix_*", "tried out"),
                new IgnoreList.Entry(5, "table public.gone", "no more"));

        assertThat(verdict.inStep()).isTrue();
        assertThat(verdict.text()).isEqualTo("""
                The database matches its changelog, 7 changesets applied; 1 object ignored by drift.ignore.
                Intended differences:
                  index public.ix_trial
                These ignore entries no longer match anything:
                  drift.ignore:5: table public.gone""");
        assertThat(verdict.json()).containsEntry("objects", List.of())
                .containsEntry("idle", List.of("table public.gone"));
    }

    @Test
    void one_that_differs_otherwise_is_not() {
        CheckCommand.Verdict verdict = report(new DriftCheck(7, List.of(), List.of(), DIFFERENCE));

        assertThat(verdict.inStep()).isFalse();
        assertThat(verdict.text()).contains("create index concurrently ix_trial on t (i)");
    }

    @Test
    void one_with_another_schema_is_told_how_to_ignore_it() {
        Difference schemas = new Difference(new TreeMap<>(Map.of(
                "schema audit", schema("audit", "exists"), "schema public", schema("public", "grant usage to"))));

        assertThat(report(new DriftCheck(7, List.of(), List.of(), schemas)).text())
                .contains("If these are somebody else's, add to drift.ignore, with the reason:\n"
                        + "  schema audit  # whose it is\n")
                .doesNotContain("schema public  #");
    }

    private static Difference.Sides schema(String name, String aspect) {
        return new Difference.Sides(ObjectFacts.NONE,
                new ObjectFacts(List.of(new Fact("schema", null, name, null, aspect, ""))));
    }

    /** Holds also if the schema is the same; and nothing is proposed, because the deployed files may contain it. */
    @Test
    void one_that_is_ahead_of_the_files_is_not() {
        for (DriftCheck ahead : List.of(new DriftCheck(7, List.of("a.yaml::1::me"), List.of(), DIFFERENCE),
                new DriftCheck(7, List.of(), List.of("a.yaml::1::me"), DIFFERENCE))) {
            assertThat(report(ahead, new IgnoreList.Entry(1, "*", "all")).inStep()).isFalse();
            assertThat(report(ahead).text()).startsWith("The database does not match its changelog")
                    .containsPattern("\nThe.* in the .*files.*:\n  a.yaml::1::me\n")
                    .doesNotContain("changeSet:");
        }
    }

    @Test
    void one_of_which_nothing_is_recorded_is_to_be_adopted() {
        CheckCommand.Verdict verdict = report(new DriftCheck(0, List.of(), List.of(), DIFFERENCE));

        assertThat(verdict.inStep()).isFalse();
        assertThat(verdict.text()).contains("it has 1 object.", "./supportdb stamp heads --env=production")
                .doesNotContain("ix_trial");
    }
}
