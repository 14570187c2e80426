package dev.supportdb.generate;

import static java.util.stream.Collectors.joining;

import dev.supportdb.changelog.Branch;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Phase;
import dev.supportdb.changelog.Position;
import dev.supportdb.changelog.YamlText;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;

/**
 * The preconditions of a new feature: {@code changeSetExecuted}, and a message that says which labels to run with.
 *
 * @param places the positions that must be reached
 * @param waits  whether the feature is deferred until then; otherwise an update fails
 */
public record FeaturePreconditions(List<Position> places, String message, boolean waits) {

    private static final int WIDTH = 120;
    private static final int INDENT = 8;

    public FeaturePreconditions {
        places = List.copyOf(places);
    }

    /**
     * Returns the preconditions of a feature that depends on others.
     *
     * @param typed names of features or changesets, or of branches for their heads; at least one
     * @throws IllegalArgumentException if a name matches nothing, or needs no precondition
     */
    public static FeaturePreconditions needs(Changelog changelog, String branch, List<String> typed) {
        List<Position> places = typed.stream().map(name -> place(changelog, name)).distinct().toList();
        Set<String> phases = new TreeSet<>();
        for (Position place : places) {
            Set<String> own = place.changeSet() == null ? Set.of() : Phase.of(place.changeSet());
            if (place.feature().branch().equals(branch) && own.isEmpty()) {
                throw new IllegalArgumentException(
                        place + " is on the same branch, and runs before it anyway: name features of other branches "
                                + "only");
            }
            phases.addAll(own);
        }
        boolean all = places.stream().allMatch(place -> place.feature().branch().equals(branch));
        String run = all ? ""
                : "run with labels '%s'".formatted(String.join(" or ", labels(changelog, branch, places)));
        String keep = phases.isEmpty() ? "" : "include the label '%s'".formatted(String.join("', '", phases));
        return new FeaturePreconditions(places, "%s needs %s: %s".formatted(branch, places.stream()
                        .map(place -> place.feature().branch().equals(branch) ? name(place)
                                : name(place) + " of " + place.feature().branch())
                        .collect(joining(", ")),
                Stream.of(run, keep).filter(words -> !words.isEmpty()).collect(joining(" and "))), false);
    }

    /**
     * Returns the preconditions of a feature that waits for several branches.
     *
     * @param typed names of branches for their heads, or of features or changesets; of two branches or more
     * @throws IllegalArgumentException if a name matches nothing, or all are of one branch
     */
    public static FeaturePreconditions merge(Changelog changelog, List<String> typed) {
        // The heads of all branches need no merge, so the branches must be named.
        List<Position> places = typed.stream().filter(name -> !name.equals("heads"))
                .map(name -> place(changelog, name)).distinct().toList();
        List<String> branches = places.stream().map(place -> place.feature().branch()).distinct().toList();
        if (branches.size() < 2) {
            throw new IllegalArgumentException("A merge needs two branches or more, by name: ./supportdb merge %s"
                    .formatted(changelog.branches().stream().limit(2).map(Branch::name).collect(joining(" "))));
        }
        return new FeaturePreconditions(places, "this merge waits for %s: update with labels '%s'".formatted(
                String.join(" and ", branches),
                String.join(" or ", labels(changelog, branches.get(0), places))), true);
    }

    private static Position place(Changelog changelog, String typed) {
        Position place = changelog.branches().stream().filter(branch -> branch.name().equals(typed))
                .map(branch -> Position.after(branch.head())).findFirst()
                .orElseGet(() -> new NameParser(changelog).place(typed));
        if (place.before()) {
            throw new IllegalArgumentException(place + " is a place before a feature: name the feature that is needed");
        }
        // A changeset with only the template's data-loss check is not written yet.
        if (wanted(place).getChanges().stream().allMatch(Changelog::isGuard)) {
            throw new IllegalArgumentException(
                    place + " is not written yet, and its changesets have no names: name the feature before it");
        }
        return place;
    }

    /** The labels of all dependencies, in the order of the master, and of the branch itself, which may be new. */
    private static List<String> labels(Changelog changelog, String branch, List<Position> places) {
        Set<String> reached = reached(changelog, branch);
        places.forEach(place -> changelog.upTo(place.feature()).forEach(feature -> reached.add(feature.branch())));
        Set<String> labels = new LinkedHashSet<>(
                changelog.branches().stream().map(Branch::name).filter(reached::contains).toList());
        labels.add(branch);
        return List.copyOf(labels);
    }

    private static Set<String> reached(Changelog changelog, String branch) {
        Set<String> reached = new TreeSet<>();
        changelog.features().stream().filter(feature -> feature.branch().equals(branch) && !feature.waits())
                .forEach(feature -> changelog.upTo(feature).forEach(needed -> reached.add(needed.branch())));
        return reached;
    }

    /** Returns the branches without which an existing branch could be updated until now. */
    public List<String> newFor(Changelog changelog, String branch) {
        Set<String> reached = reached(changelog, branch);
        return reached.isEmpty() || waits ? List.of() : places.stream().map(place -> place.feature().branch())
                .filter(name -> !reached.contains(name)).distinct().toList();
    }

    /**
     * Returns the changeset that each position requires: for a whole feature, the last one outside the phase contract.
     */
    public List<ChangeSet> wanted() {
        return places.stream().map(FeaturePreconditions::wanted).toList();
    }

    private static ChangeSet wanted(Position place) {
        List<ChangeSet> working = place.feature().workingChangeSets();
        return place.changeSet() != null ? place.changeSet()
                : working.stream().filter(changeSet -> !Phase.of(changeSet).contains(Phase.CONTRACT))
                        .reduce((first, second) -> second).orElse(working.get(working.size() - 1));
    }

    private static String name(Position place) {
        return place.changeSet() == null ? place.feature().name() : place.changeSet().getId();
    }

    String yaml() {
        StringBuilder yaml = new StringBuilder();
        if (waits) {
            yaml.append("""
                    # Deferred until all of them have run, so nothing later on this branch may depend on it.
                    # TEST gives the SQL for review the same answer.
                    preConditions: &heads
                      - onFail: CONTINUE
                      - onSqlOutput: TEST
                    """);
        } else {
            yaml.append("preConditions:\n");
        }
        String quoted = YamlText.quoted(message);
        yaml.append("  - onFailMessage: ").append(INDENT + "  - onFailMessage: ".length() + quoted.length() > WIDTH
                ? ">-\n      " + message.replaceFirst(": ", ":\n      ") : quoted).append('\n');
        for (ChangeSet changeSet : wanted()) {
            yaml.append("""
                      - changeSetExecuted:
                          id: %s
                          author: %s
                          changeLogFile: %s
                    """.formatted(YamlText.quoted(changeSet.getId()), changeSet.getAuthor(), changeSet.getFilePath()));
        }
        return yaml.toString();
    }

    /** The same preconditions, as an alias of those earlier in the file. */
    String yamlAgain() {
        return "preConditions: *heads\n";
    }
}
