package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.postgres.NumberSetting;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that select the environment of a command. */
final class EnvironmentOptions {

    /** The variable for the port of the project's own server. */
    private static final String PORT = "POSTGRES_PORT";

    private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");

    private final Map<String, String> variables;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--env", defaultValue = "dev", paramLabel = "NAME",
            description = "the environment, contexts/NAME.properties (default: ${DEFAULT-VALUE})")
    private String name;

    @Option(names = "--settings", paramLabel = "FILE",
            description = "a properties file to use instead of an environment")
    private Path file;

    @Option(names = "--labels", defaultValue = "", paramLabel = "FILTER",
            description = "label filter, in place of the environment's")
    private String labels;

    /** @param variables override the files */
    EnvironmentOptions(Map<String, String> variables) {
        this.variables = variables;
    }

    /** Returns a command of the launcher for the same environment, to be pasted. */
    String command(String command, String... words) {
        return ShellWords.of(Stream.of(Stream.of(CallingFolder.launcher(), command), Stream.of(words), options())
                .flatMap(typed -> typed));
    }

    private Stream<String> options() {
        return Stream.concat(file != null ? Stream.of("--settings=" + file)
                        : name.equals("dev") ? Stream.empty() : Stream.of("--env=" + name),
                labels.isBlank() ? Stream.empty() : Stream.of("--labels=" + labels));
    }

    /** Returns a make command for the same environment, to be pasted; make takes no other options. */
    String make(String target) {
        return "make " + target + (name.equals("dev") ? "" : " ENV=" + name)
                + (labels.isBlank() ? "" : " LABELS=" + ShellWords.of(Stream.of(labels)));
    }

    /** Reads the changelog from its files, without a database. */
    Changelog changelog() throws IOException, LiquibaseException {
        TargetDatabase target = settings().target();
        return Changelog.read(Path.of(""), target.changelog(), target.parameters());
    }

    /** Returns the settings. Starts the project's own server first, if they name it. */
    ConnectionSettings settingsOfRunningServer() throws IOException {
        if (settings().embedded()) {
            startServer();
        }
        return settings();
    }

    /** The project's own server, whose folder is in the project's root. */
    static EmbeddedPostgres server(OptionalInt port) throws IOException {
        return new EmbeddedPostgres(Path.of(EmbeddedLogins.FOLDER), port);
    }

    /** Starts the server if it does not run, on its last port unless another is requested, and prints a line. */
    private void startServer() throws IOException {
        Path folder = CallingFolder.ofProject(EmbeddedLogins.FOLDER);
        EmbeddedPostgres server = server(port());
        boolean started = server.start();
        System.out.printf("Server    embedded PostgreSQL %s on 127.0.0.1:%d, data in %s%n",
                started ? "started" : "already running", server.port(), Files.isSymbolicLink(folder)
                        ? "%s, a link to %s".formatted(folder, server.folder()) : folder);
        if (started) {
            server.missingFixes().ifPresent(fixes -> System.out.println("          for development only: " + fixes));
        }
    }

    private OptionalInt port() {
        String port = variables.getOrDefault(PORT, "").strip();
        if (port.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(NumberSetting.whole(PORT, 1024, 65535).convert(port));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    ConnectionSettings settings() throws IOException {
        if (file != null) {
            return settings(() -> ConnectionSettings.read(file, variables));
        }
        if (!NAME.matcher(name).matches()) {
            throw new ParameterException(command.commandLine(), "An environment is a name of lower-case letters, "
                    + "digits and dashes, for contexts/NAME.properties, not '%s'.".formatted(name));
        }
        return settings(() -> ConnectionSettings.read(Path.of("contexts"), name, variables));
    }

    private interface Reader {
        ConnectionSettings read() throws IOException;
    }

    private ConnectionSettings settings(Reader reader) throws IOException {
        try {
            ConnectionSettings settings = reader.read();
            return labels.isBlank() ? settings : settings.withLabels(labels);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
