package dev.supportdb.cli;

import dev.supportdb.changelog.Branch;
import dev.supportdb.changelog.Feature;
import dev.supportdb.postgres.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "branches", description = "List the branches, and which others each of them depends on.",
        mixinStandardHelpOptions = true)
final class BranchesCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        List<Branch> branches = environment.changelog().branches();
        if (json) {
            System.out.println(Json.of(branches.stream().map(BranchesCommand::asMap).toList()));
            return 0;
        }
        List<List<String>> rows = new ArrayList<>(List.of(List.of("branch", "features", "head", "needs", "merges")));
        branches.forEach(branch -> rows.add(List.of(branch.name(), Integer.toString(branch.features().size()),
                branch.head().name(), String.join(", ", branch.needs()), String.join(", ", branch.merges()))));
        Console.table(rows, column -> column == 1);
        return 0;
    }

    private static Map<String, Object> asMap(Branch branch) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("branch", branch.name());
        map.put("features", branch.features().stream().map(Feature::id).toList());
        map.put("head", branch.head().id());
        map.put("needs", branch.needs());
        map.put("merges", branch.merges());
        return map;
    }
}
