package dev.supportdb.bench;

import dev.supportdb.backfill.DomainData;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.review.Forecast;
import dev.supportdb.review.Forecasts;
import dev.supportdb.review.SizedTrace;
import dev.supportdb.review.Tracer;
import dev.supportdb.run.TargetDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import liquibase.changelog.ChangeSet;

/** Compares the forecast of {@code trace --sizes}, from a tenth and three tenths of the rows, with the real time. */
final class ForecastBenchmark {

    private static final int LONGEST = 10;

    private ForecastBenchmark() {
    }

    static void measure(BenchServer server, Results results, long rows) throws Exception {
        TargetDatabase target = server.empty().target();
        List<ChangeSet> all = Changelog.read(Path.of(""), target.changelog(), Map.of()).features().stream()
                .flatMap(feature -> feature.changeSets().stream()).toList();
        String start = DomainData.installed().start().replaceFirst("^before-", "");
        int first = all.stream().map(ChangeSet::getId).toList().indexOf(start + "-01-tag_before");
        Tracer tracer = new Tracer(target, Path.of(""), rows, Duration.ofSeconds(1), line -> { });
        List<SizedTrace> runs = new ArrayList<>();
        for (long size : List.of(rows / 10, 3 * rows / 10, rows)) {
            SizedTrace run = tracer.sized(all.subList(0, first), all.subList(first, all.size()), null, size, false);
            runs.add(run);
            System.out.printf("forecast: %,d tickets, %d changesets, %s s%n", size, run.forward().size(),
                    seconds(run.forward().values().stream().map(SizedTrace.Pass::time)
                            .reduce(Duration.ZERO, Duration::plus)));
        }
        SizedTrace measured = runs.get(2);
        Forecasts forecasts = new Forecasts(runs.get(0), runs.get(1), measured.start());
        TextTable table = new TextTable();
        table.line(List.of("changeset", "s, tenth", "three tenths", "forecast", "range", "measured", "off by, x"));
        double farthest = 1;
        for (String changeset : measured.forward().keySet().stream()
                .sorted(Comparator.comparing(name -> time(measured, name), Comparator.reverseOrder()))
                .limit(LONGEST).toList()) {
            Forecast.Range range = forecasts.of(changeset, Set.of()).forward();
            double ratio = (double) time(measured, changeset).toNanos() / range.likely().toNanos();
            double off = Math.max(ratio, 1 / ratio);
            farthest = Math.max(farthest, off);
            table.line(List.of(changeset.replaceFirst("^.*?::", "").replaceFirst("::.*", ""),
                    seconds(time(runs.get(0), changeset)), seconds(time(runs.get(1), changeset)),
                    seconds(range.likely()), seconds(range.low()) + "–" + seconds(range.high()),
                    seconds(time(measured, changeset)), Quantiles.text(off)));
        }
        System.out.print(table);
        results.add(Goal.FORECAST, farthest);
    }

    private static Duration time(SizedTrace trace, String changeset) {
        return trace.forward().get(changeset).time();
    }

    private static String seconds(Duration time) {
        return Quantiles.text(time.toNanos() / 1e9);
    }
}
