package dev.supportdb.cli;

import dev.supportdb.postgres.Plural;
import dev.supportdb.review.BackfillTrace;
import dev.supportdb.review.ChangesetTrace;
import dev.supportdb.review.Finding;
import dev.supportdb.review.Forecast;
import dev.supportdb.review.Judgement;
import dev.supportdb.review.PassTrace;
import dev.supportdb.review.Trace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Prints a trace for people. */
final class TraceReport {

    private static final Duration INSTANT = Duration.ofMillis(500);

    private TraceReport() {
    }

    /** Prints the verdict, then the findings to decide, then a line for each changeset. */
    static void print(Trace trace) {
        System.out.printf("Trace     %s forward, back and forward again, on PostgreSQL %s%n",
                Plural.of(trace.changesets().size(), "changeset"), trace.server());
        System.out.println("Basis     " + trace.basis());
        trace.empty().forEach((table, why) -> System.out.printf("          %s stayed empty: %s%n", table, why));
        System.out.println("Verdict   " + verdict(trace));
        if (trace.failure() != null) {
            System.out.println("Failed    later changesets were not measured:\n"
                    + indent(trace.failure(), "          "));
        }
        for (ChangesetTrace changeset : trace.changesets()) {
            changeset.findings().forEach(finding -> print(changeset, finding));
        }
        System.out.println();
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("changeset", "verdict", "rows written", "forward", "back", "stops writers or readers of"));
        trace.changesets().forEach(changeset -> table.add(line(changeset)));
        Console.table(table, column -> column >= 2 && column <= 4);
        trace.changesets().stream().filter(changeset -> changeset.forward().backfill() != null
                && changeset.forward().backfill().rows() > 0).forEach(TraceReport::printBackfill);
        forecasts(trace);
    }

    private static void printBackfill(ChangesetTrace changeset) {
        BackfillTrace backfill = changeset.forward().backfill();
        System.out.printf(Locale.ROOT, "%n%s%n  %,d rows of the keys %s in %,d batches, %,d rows a second; a batch "
                        + "took %s, the longest %s%n", changeset.changeSet().getId(), backfill.rows(), backfill.range(),
                backfill.batches(), changeset.forward().rate(), seconds(backfill.median()),
                seconds(backfill.longest()));
        backfill.plan().forEach(line -> System.out.println("    " + line));
    }

    /** Prints the forecasts of changesets that take longer than an instant. */
    private static void forecasts(Trace trace) {
        List<ChangesetTrace> all = trace.changesets().stream().filter(one -> one.forecast() != null).toList();
        if (all.isEmpty()) {
            return;
        }
        System.out.printf("%nForecast  %s%n", all.get(0).forecast().basis());
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("changeset", "forward", "back", "longest lock against writers or readers"));
        all.stream().filter(one -> one.forecast().forward().high().compareTo(INSTANT) > 0)
                .forEach(one -> table.add(List.of(one.changeSet().getId(), range(one.forecast().forward()),
                        range(one.forecast().back()), range(one.forecast().lock()))));
        table.add(List.of("all of them", range(sum(all)), "", ""));
        Console.table(table, column -> false);
    }

    private static Forecast.Range sum(List<ChangesetTrace> all) {
        return all.stream().map(one -> one.forecast().forward()).reduce(Forecast.Range::plus).orElseThrow();
    }

    private static String range(Forecast.Range range) {
        return range == null ? "" : "%s to %s".formatted(seconds(range.low()), seconds(range.high()));
    }

    private static String seconds(Duration time) {
        long seconds = time.toSeconds();
        return seconds < 1 ? "%d ms".formatted(Math.max(1, time.toMillis()))
                : seconds < 120 ? String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3)
                : "%d min".formatted(Math.round(seconds / 60.0));
    }

    private static String verdict(Trace trace) {
        Map<Judgement, Long> counts = trace.changesets().stream()
                .collect(Collectors.groupingBy(ChangesetTrace::judgement, Collectors.counting()));
        String all = Arrays.stream(Judgement.values()).filter(counts::containsKey)
                .map(judgement -> "%d %s".formatted(counts.get(judgement), inWords(judgement)))
                .collect(Collectors.joining(", "));
        long accepted = trace.changesets().stream().flatMap(changeset -> changeset.findings().stream())
                .filter(finding -> finding.accepted() != null).count();
        return (trace.toDecide() == 0 ? "" : "%d to decide: ".formatted(trace.toDecide())) + all
                + (trace.failure() == null ? "" : ", then one that could not be run")
                + (accepted == 0 ? "" : "; " + Plural.of(accepted, "finding") + " accepted");
    }

    private static String inWords(Judgement judgement) {
        return judgement.word().replace('-', ' ');
    }

    private static void print(ChangesetTrace changeset, Finding finding) {
        System.out.printf("%n%s  %s%s%n", finding.accepted() == null
                        ? inWords(finding.judgement()).toUpperCase(Locale.ROOT) : "accepted",
                changeset.changeSet().getId(), finding.back() ? ", on the way back" : "");
        System.out.println(indent(finding.reason(), "  "));
        if (finding.statement() != null) {
            System.out.println("  by: " + finding.statement());
        }
        if (finding.accepted() != null) {
            System.out.println("  because: " + finding.accepted());
        } else if (finding.instead() != null) {
            System.out.println("  instead:\n" + indent(finding.instead(), "    "));
        }
    }

    private static String indent(String text, String by) {
        return text.strip().lines().map(line -> by + line).collect(Collectors.joining("\n"));
    }

    private static List<String> line(ChangesetTrace changeset) {
        return List.of(changeset.changeSet().getId(), inWords(changeset.judgement()),
                changeset.forward().written() == 0 ? ""
                        : String.format(Locale.ROOT, "%,d", changeset.forward().written()),
                time(changeset.forward()), time(changeset.back()), locks(changeset));
    }

    private static String time(PassTrace pass) {
        return pass == null ? "" : String.format(Locale.ROOT, "%,d ms", pass.time().toMillis());
    }

    private static String locks(ChangesetTrace changeset) {
        return changeset.forward().transactions().stream().flatMap(transaction -> transaction.locks().stream())
                .filter(lock -> !lock.mode().blocks().isEmpty() && changeset.inUse().contains(lock.table()))
                .collect(Collectors.toMap(lock -> lock.table().replaceFirst("^public\\.", ""),
                        lock -> lock, (one, other) -> one.held().compareTo(other.held()) >= 0 ? one : other,
                        LinkedHashMap::new))
                .entrySet().stream().map(lock -> "%s (%s, %d ms)".formatted(lock.getKey(),
                        lock.getValue().mode().toString().toLowerCase(Locale.ROOT), lock.getValue().held().toMillis()))
                .collect(Collectors.joining(", "));
    }
}
