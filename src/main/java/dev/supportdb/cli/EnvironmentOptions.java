package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options by which a command learns what to work on. */
final class EnvironmentOptions {

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");

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

    /** A command of the launcher that works on the same, to be pasted. */
    String command(String command, String... words) {
        return ShellWords.of(Stream.of(Stream.of("./supportdb", command), Stream.of(words), options())
                .flatMap(typed -> typed));
    }

    private Stream<String> options() {
        return Stream.concat(name.equals("dev") ? Stream.empty() : Stream.of("--env=" + name),
                labels.isBlank() ? Stream.empty() : Stream.of("--labels=" + labels));
    }

    /** The same for make, which takes no other words than these. */
    String make(String target) {
        return "make " + target + (name.equals("dev") ? "" : " ENV=" + name)
                + (labels.isBlank() ? "" : " LABELS=" + ShellWords.of(Stream.of(labels)));
    }

    /** What its files say; no database is asked. */
    Changelog changelog() throws IOException, LiquibaseException {
        TargetDatabase target = settings().target();
        return Changelog.read(Path.of(""), target.changelog(), target.parameters());
    }

    ConnectionSettings settings() throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new ParameterException(command.commandLine(), "An environment is a name of small letters, digits and "
                    + "dashes, for contexts/NAME.properties, not '%s'.".formatted(name));
        }
        try {
            ConnectionSettings settings = ConnectionSettings.read(Path.of("contexts"), name, variables);
            return labels.isBlank() ? settings : settings.withLabels(labels);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
