package dev.supportdb.cli;

import dev.supportdb.changelog.Branch;
import dev.supportdb.changelog.Feature;
import dev.supportdb.postgres.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "heads", description = "List the last feature of each branch.", mixinStandardHelpOptions = true)
final class HeadsCommand implements Callable<Integer> {

    @Mixin
    private OverviewOptions reading;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        ChangelogOverview overview = reading.overview();
        List<Feature> heads = overview.changelog().branches().stream().map(Branch::head).toList();
        if (json) {
            System.out.println(Json.of(heads.stream().map(overview::asMap).toList()));
            return reading.exitCode();
        }
        List<List<String>> rows = new ArrayList<>(List.of(List.of("branch", "head", overview.heading())));
        heads.forEach(head -> rows.add(List.of(head.branch(), head.name(), overview.inWords(head))));
        Console.table(rows);
        return reading.exitCode();
    }
}
