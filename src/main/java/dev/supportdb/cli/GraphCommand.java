package dev.supportdb.cli;

import dev.supportdb.changelog.ChangelogGraph;
import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "graph", description = "Draw the features, their dependencies, and what is applied.",
        mixinStandardHelpOptions = true)
final class GraphCommand implements Callable<Integer> {

    @Mixin
    private OverviewOptions reading;

    @ArgGroup
    private Print print = new Print();

    private static final class Print {

        @Option(names = "--mermaid", description = "print the text for Mermaid, and write no files")
        private boolean mermaid;

        @Option(names = "--svg", description = "print the SVG, and write no files")
        private boolean svg;
    }

    @Override
    public Integer call() throws IOException, LiquibaseException {
        ChangelogOverview overview = reading.overview();
        Map<Feature, FeatureState> states = new HashMap<>();
        if (overview.standing() != null) {
            overview.changelog().features().forEach(feature -> states.put(feature, overview.state(feature)));
        }
        ChangelogGraph graph = new ChangelogGraph(overview.changelog(), states);
        if (print.mermaid || print.svg) {
            System.out.print(print.svg ? graph.svg() : graph.mermaid());
            return reading.exitCode();
        }
        Path folder = Files.createDirectories(CallingFolder.ofProject("target"));
        System.out.println(Files.writeString(folder.resolve("graph.svg"), graph.svg()));
        System.out.println(Files.writeString(folder.resolve("graph.mmd"), graph.mermaid()));
        return reading.exitCode();
    }
}
