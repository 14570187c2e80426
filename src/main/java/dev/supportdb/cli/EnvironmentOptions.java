package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.run.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options by which a command learns what to work on. */
final class EnvironmentOptions {

    private final Map<String, String> variables;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--env", defaultValue = "dev", paramLabel = "NAME",
            description = "the environment, contexts/NAME.properties (default: ${DEFAULT-VALUE})")
    private String name;

    @Option(names = "--labels", defaultValue = "", paramLabel = "FILTER",
            description = "label filter, in place of the environment's")
    private String labels;

    /** @param variables which go before what the files say */
    EnvironmentOptions(Map<String, String> variables) {
        this.variables = variables;
    }

    /** What make has to be given to choose the same again: {@code " ENV=staging LABELS='@crm'"}, or nothing. */
    String makeArguments() {
        return (name.equals("dev") ? "" : " ENV=" + name) + (labels.isBlank() ? "" : " LABELS='" + labels + "'");
    }

    /** What its files say; no database is asked. */
    Changelog changelog() throws IOException, LiquibaseException {
        Target target = settings().target();
        return Changelog.read(Path.of(""), target.changelog(), target.parameters());
    }

    ConnectionSettings settings() throws IOException {
        try {
            ConnectionSettings settings = ConnectionSettings.read(Path.of("contexts"), name, variables);
            return labels.isBlank() ? settings : settings.withLabels(labels);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
