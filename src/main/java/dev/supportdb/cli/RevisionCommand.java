package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.generate.FeaturePreconditions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "revision", mixinStandardHelpOptions = true,
        description = {"Create a feature: a file with the next number.",
            "It is written from template.yaml beside the master, and included in the master."},
        footer = {"", "  ./supportdb revision \"add language\" --branch=crm --depends=main/008_audit_log"})
final class RevisionCommand implements Callable<Integer> {

    @Mixin
    private NewFeatureOptions beginning;

    @Parameters(paramLabel = "WORDS", arity = "0..1", description = "the same as --message")
    private String words;

    @Option(names = "--branch", defaultValue = "", paramLabel = "NAME",
            description = "the branch it is for, which may be a new one (default: the first of the master)")
    private String branch;

    @Option(names = "--depends", defaultValue = "", paramLabel = "NAMES",
            description = "features, changesets or branches that it depends on, named as for show")
    private String depends;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        beginning.say(words);
        return beginning.write(changelog -> {
            String name = branch.isBlank() ? first(changelog) : branch.strip();
            List<String> needed = NewFeatureOptions.words(depends);
            return new NewFeatureOptions.Placement(name,
                    needed.isEmpty() ? null : FeaturePreconditions.needs(changelog, name, needed));
        });
    }

    private static String first(Changelog changelog) {
        return changelog.branches().isEmpty() ? "main" : changelog.branches().get(0).name();
    }
}
