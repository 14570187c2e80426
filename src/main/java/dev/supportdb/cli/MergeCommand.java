package dev.supportdb.cli;

import dev.supportdb.generate.FeaturePreconditions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "merge", mixinStandardHelpOptions = true,
        description = {"Create a feature that depends on several branches.",
            "It belongs to the first of them, and is deferred until everything that is named has run."})
final class MergeCommand implements Callable<Integer> {

    @Mixin
    private NewFeatureOptions beginning;

    @Parameters(paramLabel = "NAME", arity = "0..*",
            description = "branches, or features or changesets on them: main reporting")
    private List<String> names = List.of();

    @Override
    public Integer call() throws IOException, LiquibaseException {
        return beginning.write(changelog -> {
            FeaturePreconditions condition = FeaturePreconditions.merge(changelog, names);
            return new NewFeatureOptions.Placement(condition.places().get(0).feature().branch(), condition);
        });
    }
}
