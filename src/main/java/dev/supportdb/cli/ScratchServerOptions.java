package dev.supportdb.cli;

import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.IgnoreList;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that select the scratch server and the differences to ignore. */
final class ScratchServerOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--scratch-url", defaultValue = "${env:SCRATCH_URL}", paramLabel = "URL",
            description = "a database of the server to create scratch databases on, in place of the database's own; "
                    + "SCRATCH_URL in the environment may carry the password")
    private String url;

    /** The server on which the scratch database is created. */
    TargetDatabase server(TargetDatabase target) {
        if (url == null || url.isBlank()) {
            return target;
        }
        try {
            DatabaseUrl server = DatabaseUrl.of(url, "--scratch-url");
            return server.username() == null
                    ? target.at(server.jdbc(), target.username(), target.password())
                    : target.at(server.jdbc(), server.username(), server.password());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** The same server. Starts the project's own server first, if it is that. */
    TargetDatabase runningServer(EnvironmentOptions environment) throws IOException {
        ConnectionSettings settings = environment.settings();
        TargetDatabase server = server(settings.target());
        return settings.embedded() && server.url().equals(settings.target().url())
                ? server(environment.settingsOfRunningServer().target()) : server;
    }

    /** The differences to ignore. */
    IgnoreList ignoreList(TargetDatabase target) throws IOException {
        try {
            return IgnoreList.read(Path.of(target.changelog()).resolveSibling("drift.ignore"));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
