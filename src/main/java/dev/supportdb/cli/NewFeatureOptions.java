package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.generate.FeaturePreconditions;
import dev.supportdb.generate.FeatureScaffold;
import dev.supportdb.generate.FeatureScaffold.Begun;
import dev.supportdb.postgres.Json;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of a command that creates a feature, and its output. */
final class NewFeatureOptions {

    /** @param condition may be null */
    record Placement(String branch, FeaturePreconditions condition) {}

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private EnvironmentOptions environment;

    @Option(names = {"-m", "--message"}, defaultValue = "", paramLabel = "WORDS",
            description = "what it does, in a few words; the file is named after it")
    private String message;

    @Option(names = "--ticket", paramLabel = "ID", description = "a ticket to name in the file")
    private String ticket;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    /** Takes words without an option as the message. */
    void say(String words) {
        if (words != null) {
            if (!message.isEmpty()) {
                throw new ParameterException(command.commandLine(),
                        "Give the message once: '%s', or -m '%s'.".formatted(words, message));
            }
            message = words;
        }
    }

    int write(Function<Changelog, Placement> placementIn) throws IOException, LiquibaseException {
        TargetDatabase target = environment.settings().target();
        FeatureScaffold scaffold = new FeatureScaffold(Path.of(""), target.changelog(), target.parameters());
        Changelog changelog = scaffold.changelog();
        Begun feature;
        try {
            Placement placement = placementIn.apply(changelog);
            Begun begun = scaffold.begin(placement.branch(), message);
            feature = placement.condition() == null ? begun : begun.on(placement.condition());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        scaffold.write(feature, ticket, null);
        boolean newBranch = changelog.branches().stream().noneMatch(branch -> branch.name().equals(feature.branch()));
        if (json) {
            System.out.println(Json.of(asMap(feature, newBranch)));
            return 0;
        }
        System.out.printf("Written   %s, included in %s%n", CallingFolder.ofProject(slashed(feature.path())),
                CallingFolder.ofProject(target.changelog()));
        if (newBranch) {
            System.out.printf("Branch    %s is new: a folder, and a label for filters%n", feature.branch());
        }
        feature.condition().ifPresent(condition -> {
            System.out.printf("%-9s %s%n", condition.waits() ? "Waits for" : "Needs",
                    String.join(", ", ids(condition)));
            condition.newFor(changelog, feature.branch()).forEach(other -> System.out.printf(
                    "Note      from now on %s cannot be updated without %s; to defer a feature instead, use merge%n",
                    feature.branch(), other));
        });
        System.out.printf("""
                Next      write its changes and their rollbacks there; until then an upgrade refuses
                          %s
                          %s
                          %s
                          %s
                """, CallingFolder.launcher() + " lint", environment.command("sql"), environment.command("upgrade"),
                environment.command("rollback-check"));
        return 0;
    }

    private static Map<String, Object> asMap(Begun feature, boolean newBranch) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("path", slashed(feature.path()));
        map.put("branch", feature.branch());
        map.put("name", feature.name());
        map.put("newBranch", newBranch);
        map.put("needs", feature.condition().map(NewFeatureOptions::ids).orElse(List.of()));
        return map;
    }

    private static List<String> ids(FeaturePreconditions condition) {
        return condition.wanted().stream().map(ChangeSet::getId).toList();
    }

    private static String slashed(Path path) {
        return path.toString().replace('\\', '/');
    }

    /** Splits words at commas or spaces. */
    static List<String> words(String given) {
        return Stream.of(given.split("[\\s,]+")).filter(word -> !word.isEmpty()).toList();
    }
}
