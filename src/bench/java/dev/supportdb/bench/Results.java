package dev.supportdb.bench;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All measurements: runs, and the samples of the figures made of them. Prints runs as they come. */
final class Results {

    /** @param disturbed whether something else was going on, so that it says nothing */
    private record Sample(double value, boolean disturbed) {}

    private final List<Measurement> runs = new ArrayList<>();
    private final Map<Goal, List<Sample>> samples = new EnumMap<>(Goal.class);

    void add(Measurement run) {
        runs.add(run);
        System.out.printf("%s, round %d: %s, %s s%n", run.part(), run.round(), run.contestant(),
                Quantiles.text(run.value(Measurement.SECONDS)));
    }

    void add(Goal goal, double sample) {
        add(goal, sample, false);
    }

    void add(Goal goal, double sample, boolean disturbed) {
        samples.computeIfAbsent(goal, any -> new ArrayList<>()).add(new Sample(sample, disturbed));
    }

    List<Measurement> runs() {
        return runs;
    }

    /** The figures there are samples of. */
    Set<Goal> goals() {
        return samples.keySet();
    }

    /** The samples that count: those undisturbed, or all of them where there is no such. */
    List<Double> samples(Goal goal) {
        boolean some = samples.get(goal).stream().anyMatch(sample -> !sample.disturbed);
        return samples.get(goal).stream().filter(sample -> !some || !sample.disturbed).map(Sample::value).toList();
    }

    /** Says whether the goal is reached, and how many rounds were void. */
    String verdict(Goal goal) {
        long disturbed = samples.get(goal).stream().filter(Sample::disturbed).count();
        int all = samples.get(goal).size();
        return (disturbed == all ? "void" : goal.isReachedBy(Quantiles.of(samples(goal)).median())
                ? "reached" : "not reached")
                + (disturbed == 0 ? "" : ", %d of %d rounds void".formatted(disturbed, all));
    }
}
