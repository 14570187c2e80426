package dev.supportdb.cli;

import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.Position;
import dev.supportdb.postgres.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import liquibase.change.Change;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import liquibase.precondition.core.PreconditionContainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "show", description = "Show a feature or a changeset.",
        footer = {"", "A name is any of 016, ticket_metrics, 016_ticket_metrics, main/016_ticket_metrics, and an "
                + "unambiguous beginning of one; before-016_ticket_metrics; 016-05 or an id for a changeset; "
                + "heads, crm@head; relative to the database: +1 for the next, -1 for the last, crm@-1."},
        mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {

    @Mixin
    private OverviewOptions reading;

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "what to show")
    private List<String> typed = List.of();

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        ChangelogOverview overview = reading.overview();
        List<Position> places = reading.named(() -> (typed.isEmpty() ? List.of("") : typed).stream()
                // A branch without an applied feature is currently at its base, and has nothing to show.
                .flatMap(name -> overview.names().places(name).stream()
                        .filter(place -> !place.before() || !name.equals("current"))).toList());
        if (json) {
            System.out.println(Json.of(places.stream().map(place -> asMap(overview, place)).toList()));
            return reading.exitCode();
        }
        for (int i = 0; i < places.size(); i++) {
            Position place = places.get(i);
            System.out.print(i == 0 ? "" : "\n");
            if (place.changeSet() == null) {
                print(overview, place.feature());
            } else {
                print(overview, place.feature(), place.changeSet());
            }
        }
        return reading.exitCode();
    }

    private static void print(ChangelogOverview overview, Feature feature) throws IOException {
        System.out.println(feature.id());
        about(feature).forEach(line -> System.out.println(("  " + line).stripTrailing()));
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of("file", feature.path()));
        facts.add(List.of("labels", String.join(", ", ChangelogOverview.labels(feature.changeSets()))));
        facts.add(List.of("needs", ids(overview.changelog().needs(feature))));
        facts.add(List.of("needed by", ids(overview.changelog().features().stream()
                .filter(other -> overview.changelog().needs(other).contains(feature)).toList())));
        facts.add(List.of("applied", overview.inWords(feature)));
        print(facts);
        System.out.println("changesets");
        Console.table(feature.changeSets().stream().map(changeSet -> List.of("  " + changeSet.getId(),
                oneLine(changeSet.getComments()), overview.inWords(changeSet))).toList());
    }

    private static void print(ChangelogOverview overview, Feature feature, ChangeSet changeSet) {
        System.out.println(changeSet.toString(false));
        System.out.println("  " + oneLine(changeSet.getComments()));
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of("feature", feature.id()));
        facts.add(List.of("labels", String.join(", ", ChangelogOverview.labels(List.of(changeSet)))));
        facts.add(List.of("context", ChangelogOverview.context(changeSet)));
        facts.add(List.of("transaction", changeSet.isRunInTransaction() ? "yes" : "no"));
        PreconditionContainer preconditions = changeSet.getPreconditions();
        facts.add(List.of("condition", preconditions == null ? "" : oneLine(preconditions.getOnFailMessage())));
        facts.add(List.of("does", names(changeSet.getChanges())));
        facts.add(List.of("rollback", names(changeSet.getRollback().getChanges())));
        facts.add(List.of("applied", overview.inWords(changeSet)));
        print(facts);
    }

    /** Prints the facts that are not blank. */
    private static void print(List<List<String>> facts) {
        Console.table(facts.stream().filter(fact -> !fact.get(1).isBlank()).toList());
    }

    /** The comment at the start of the file. */
    private static List<String> about(Feature feature) throws IOException {
        return Files.readAllLines(Path.of(feature.path())).stream().takeWhile(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ?", "")).toList();
    }

    private static String ids(List<Feature> features) {
        return features.stream().map(Feature::id).collect(Collectors.joining(", "));
    }

    private static String names(List<Change> changes) {
        return changes.stream().map(change -> change instanceof CustomChangeWrapper custom
                ? custom.getClassName() : oneLine(change.getDescription())).collect(Collectors.joining("; "));
    }

    private static String oneLine(String text) {
        return text == null ? "" : text.strip().replaceAll("\\s+", " ");
    }

    private static Map<String, Object> asMap(ChangelogOverview overview, Position place) {
        List<ChangeSet> changeSets = place.changeSet() == null
                ? place.feature().changeSets() : List.of(place.changeSet());
        Map<String, Object> map = overview.asMap(place.feature());
        map.put("changesets", changeSets.stream().map(overview::asMap).toList());
        return map;
    }
}
