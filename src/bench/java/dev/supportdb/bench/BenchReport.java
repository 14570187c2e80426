package dev.supportdb.bench;

import dev.supportdb.postgres.Json;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The results, for people and for programs. */
final class BenchReport {

    private final Map<String, ?> conditions;
    private final Results results;

    /** @param conditions what must be known to judge the results: the server, the machine, the options */
    BenchReport(Map<String, ?> conditions, Results results) {
        this.conditions = conditions;
        this.results = results;
    }

    /** The contestants of each part beside each other, then the figures; least and most stand beside the median. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (Benchmark part : Benchmark.values()) {
            List<Measurement> runs = results.runs().stream().filter(run -> run.part() == part).toList();
            if (!runs.isEmpty()) {
                text.append('\n').append(contestants(part, runs));
            }
        }
        return text.append('\n').append(conditions()).append("\n\n").append(figures()).toString();
    }

    /** The conditions, on one line. */
    String conditions() {
        return conditions.entrySet().stream()
                .map(condition -> condition.getKey() + " " + condition.getValue())
                .collect(Collectors.joining(", "));
    }

    private static TextTable contestants(Benchmark part, List<Measurement> runs) {
        List<String> contestants = runs.stream().map(Measurement::contestant).distinct().toList();
        Set<String> names = new LinkedHashSet<>();
        runs.forEach(run -> names.addAll(run.values().keySet()));
        TextTable table = new TextTable();
        table.line(Stream.concat(Stream.of(part.toString()), contestants.stream()).toList());
        for (String name : names) {
            table.line(Stream.concat(Stream.of("  " + name),
                    contestants.stream().map(contestant -> cell(runs, contestant, name))).toList());
        }
        return table;
    }

    private static String cell(List<Measurement> runs, String contestant, String name) {
        List<Double> samples = runs.stream()
                .filter(run -> run.contestant().equals(contestant))
                .map(run -> run.values().get(name))
                .filter(Objects::nonNull)
                .toList();
        return samples.isEmpty() ? "" : Quantiles.of(samples).toString();
    }

    private TextTable figures() {
        TextTable table = new TextTable();
        table.line(List.of("figure", "goal", "median", "min–max", "verdict", "command"));
        for (Goal goal : results.goals()) {
            Quantiles spread = Quantiles.of(results.samples(goal));
            table.line(List.of(goal.figure, goal.toString(), Quantiles.text(spread.median()), spread.range(),
                    results.verdict(goal), goal.part.command()));
        }
        return table;
    }

    String json() {
        Map<String, Object> all = new LinkedHashMap<>(conditions);
        all.put("figures", results.goals().stream().map(this::figure).toList());
        all.put("runs", results.runs().stream().map(BenchReport::run).toList());
        return Json.of(all);
    }

    private Map<String, Object> figure(Goal goal) {
        List<Double> samples = results.samples(goal);
        Quantiles spread = Quantiles.of(samples);
        Map<String, Object> figure = new LinkedHashMap<>();
        figure.put("name", goal.name());
        figure.put("figure", goal.figure);
        figure.put("goal", goal.toString());
        figure.put("median", spread.median());
        figure.put("min", spread.least());
        figure.put("max", spread.most());
        figure.put("samples", samples);
        figure.put("verdict", results.verdict(goal));
        figure.put("command", goal.part.command());
        return figure;
    }

    private static Map<String, Object> run(Measurement run) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("part", run.part().toString());
        values.put("contestant", run.contestant());
        values.put("round", run.round());
        values.put("values", run.values());
        return values;
    }
}
