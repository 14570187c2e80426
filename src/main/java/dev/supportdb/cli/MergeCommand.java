package dev.supportdb.cli;

import dev.supportdb.generate.FeaturePreconditions;
import java.io.IOException;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "merge", mixinStandardHelpOptions = true,
        description = "Begin a feature for which several branches have to be there. It is of the first of them, and is "
                + "passed over until all are as far as they are now.")
final class MergeCommand implements Callable<Integer> {

    @Mixin
    private NewFeatureOptions beginning;

    @Option(names = "--heads", defaultValue = "", paramLabel = "NAMES",
            description = "branches, or features or changesets of them")
    private String heads;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        return beginning.write(changelog -> {
            FeaturePreconditions condition = FeaturePreconditions.merge(changelog, NewFeatureOptions.words(heads));
            return new NewFeatureOptions.Wanted(condition.places().get(0).feature().branch(), condition);
        });
    }
}
