package dev.supportdb.cli;

import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Position;
import dev.supportdb.postgres.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "history", description = "List the features in their order, and which are applied.",
        footer = {"", "FROM and TO are names as for show; an empty FROM is the beginning, an empty TO the end.", "",
            "  ./supportdb history 016:021", "  ./supportdb history :before-016", "  ./supportdb history crm@22:",
            "  ./supportdb history -3:"},
        mixinStandardHelpOptions = true)
final class HistoryCommand implements Callable<Integer> {

    @Mixin
    private OverviewOptions reading;

    @Parameters(paramLabel = "FROM:TO", arity = "0..2", description = "only these")
    private List<String> typed = List.of();

    @Option(names = "--branch", defaultValue = "", paramLabel = "NAME", description = "only those of this branch")
    private String branch;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        ChangelogOverview overview = reading.overview();
        List<Feature> features = reading.named(() -> chosen(overview));
        if (json) {
            System.out.println(Json.of(features.stream().map(overview::asMap).toList()));
            return reading.exitCode();
        }
        List<List<String>> rows = new ArrayList<>(
                List.of(List.of("feature", "branch", "changesets", overview.heading(), "needs", "")));
        for (Feature feature : features) {
            String needs = overview.changelog().needs(feature).stream().map(Feature::name)
                    .collect(Collectors.joining(", "));
            rows.add(List.of(feature.name(), feature.branch(), Integer.toString(feature.changeSets().size()),
                    overview.inWords(feature), needs, overview.changelog().isHead(feature) ? "head" : ""));
        }
        Console.table(rows, column -> column == 2);
        if (overview.standing() != null) {
            Console.unknownChangesets(overview.standing());
            overview.standing().notes().all().forEach(System.out::println);
        }
        return reading.exitCode();
    }

    private List<Feature> chosen(ChangelogOverview overview) {
        NameRange range = NameRange.of(typed.isEmpty() ? List.of(":") : typed);
        List<Feature> all = overview.changelog().features();
        NameParser names = overview.names();
        int from = range.from().isEmpty() ? 0
                : edge(names.places(range.from()), place -> all.indexOf(place.feature())).min().orElse(0);
        // In this range "head" is not ambiguous: it is the end.
        int to = range.to().isEmpty() || range.to().equals("head") ? all.size()
                : edge(names.places(range.to()), place -> all.indexOf(place.feature()) + (place.before() ? 0 : 1))
                        .max().orElse(0);
        if (from > to) {
            throw new ParameterException(command.commandLine(),
                    "%s comes after %s".formatted(range.from(), range.to()));
        }
        return all.subList(from, to).stream()
                .filter(feature -> branch.isEmpty() || names.branch(branch).features().contains(feature)).toList();
    }

    private static IntStream edge(List<Position> places, ToIntFunction<Position> index) {
        return places.stream().mapToInt(index);
    }
}
