package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Scaffold;
import dev.supportdb.deploy.Drift;
import dev.supportdb.deploy.Expected;
import dev.supportdb.deploy.Target;
import dev.supportdb.schema.IgnoreList;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether what should say the same does. */
@Command(name = "check", mixinStandardHelpOptions = true,
        description = "Compare the database with a fresh one built from the changelog at the same point, and the JPA "
                + "classes with the whole changelog.",
        footer = "Exits with 0 when they are in step, with 1 when they are not. What is meant to differ stands in "
                + "drift.ignore beside the changelog.")
final class Check implements Callable<Integer> {

    /**
     * What a check has found.
     *
     * @param name of what was checked, in the JSON
     * @param text for people
     */
    record Verdict(String name, boolean inStep, String text, Map<String, Object> json) {}

    @Mixin
    private Environment environment;

    @Option(names = "--scratch-url", defaultValue = "${env:SCRATCH_URL}", paramLabel = "URL",
            description = "a database of the server to build the fresh one on, in place of the database's own; "
                    + "SCRATCH_URL in the environment may carry the password")
    private String scratchUrl;

    @Option(names = "--json", description = "what was found, as JSON")
    private boolean json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        Target target = environment.settings().target();
        List<Verdict> verdicts = List.of(drift(target), ModelsReport.of(scratchServer(target)));

        boolean inStep = verdicts.stream().allMatch(Verdict::inStep);
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>(Map.of("inStep", inStep));
            verdicts.forEach(verdict -> all.put(verdict.name(), verdict.json()));
            System.out.println(Json.of(all));
        } else {
            verdicts.forEach(verdict -> System.out.println(verdict.text()));
        }
        return inStep ? 0 : 1;
    }

    private Verdict drift(Target target) throws IOException, SQLException, LiquibaseException {
        Target server;
        IgnoreList ignoreList;
        try {
            server = scratchServer(target);
            ignoreList = IgnoreList.read(Path.of(target.changelog()).resolveSibling("drift.ignore"));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        Drift drift = Drift.of(target, new Expected(server, Path.of("")));
        Changelog changelog = Changelog.read(Path.of(""), target.changelog(), target.parameters());
        String trunk = changelog.features().get(0).branch();
        return DriftReport.of(drift, ignoreList,
                new Scaffold(Path.of(""), target.changelog()).begin(trunk, DriftReport.ADOPTED).name());
    }

    private Target scratchServer(Target target) {
        if (scratchUrl == null || scratchUrl.isBlank()) {
            return target;
        }
        DatabaseUrl url = DatabaseUrl.of(scratchUrl, "--scratch-url");
        return url.username() == null
                ? target.at(url.jdbc(), target.username(), target.password())
                : target.at(url.jdbc(), url.username(), url.password());
    }
}
