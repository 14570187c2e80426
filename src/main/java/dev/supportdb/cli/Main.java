package dev.supportdb.cli;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.changelog.LiquibaseLog;
import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.run.LiquibaseRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * {@code java dev.supportdb.cli.Main COMMAND}: exits with 0 when it worked, 1 when it failed, 2 when misused. One that
 * looks whether something is so exits with 1 when it is not, and with 2 when it could not look.
 */
@Command(name = "support-db", description = "The commands that plain Liquibase does not have.",
        synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true,
        subcommands = {UpCommand.class, DownCommand.class, ResetCommand.class, UpgradeCommand.class,
        DowngradeCommand.class, StampCommand.class, SqlCommand.class,
                HeadsCommand.class, BranchesCommand.class, HistoryCommand.class, ShowCommand.class,
                CurrentCommand.class, GraphCommand.class,
                RevisionCommand.class, MergeCommand.class, BackfillsCommand.class, LintCommand.class,
                CheckCommand.class, AutogenerateCommand.class, RollbackCheckCommand.class, RehearseCommand.class})
public final class Main {

    private Main() {
    }

    /** Runs the command that the arguments name, from the project's root. */
    public static void main(String... arguments) {
        System.exit(run(System.getenv(), arguments));
    }

    static int run(Map<String, String> variables, String... arguments) {
        LiquibaseLog.off();
        return commands(variables).execute(arguments);
    }

    static CommandLine commands(Map<String, String> variables) {
        return new CommandLine(new Main(), new Factory(variables))
                .setExecutionExceptionHandler(Main::failed)
                .setParameterExceptionHandler(Main::misused);
    }

    /** What a command is made of; each finds its settings in the same variables. */
    private record Factory(Map<String, String> variables) implements IFactory {

        @Override
        public <K> K create(Class<K> type) throws Exception {
            return type == EnvironmentOptions.class ? type.cast(new EnvironmentOptions(variables))
                    : CommandLine.defaultFactory().create(type);
        }
    }

    /** The server that the project brings along; its folder is in the project's root. */
    static EmbeddedPostgres server() {
        return new EmbeddedPostgres(Path.of(".postgres"), EmbeddedPostgres.PORT);
    }

    /** Starts it where it does not run, and says so. */
    static void startServer() throws IOException {
        boolean started = server().start();
        System.out.printf("Server    embedded PostgreSQL %s on 127.0.0.1:%d, data in .postgres%n",
                started ? "started" : "already running", EmbeddedPostgres.PORT);
        if (started) {
            server().missingFixes().ifPresent(fixes -> System.out.println("          for development only: " + fixes));
        }
    }

    /** What can go wrong on a machine is said in a sentence; what is our own mistake comes with its trace. */
    private static int failed(Exception failure, CommandLine command, ParseResult arguments) throws Exception {
        boolean expected = failure instanceof IOException
                || failure instanceof SQLException
                || failure instanceof LiquibaseException;
        if (!expected) {
            throw failure;
        }
        command.getErr().println(LiquibaseRunner.reason(failure));
        return failure instanceof LabelFilter.Refused ? CommandLine.ExitCode.USAGE
                : command.getCommandSpec().exitCodeOnExecutionException();
    }

    private static int misused(ParameterException misuse, String[] arguments) {
        CommandLine command = misuse.getCommandLine();
        command.getErr().println(misuse.getMessage());
        if (command.getParent() == null) {
            command.usage(command.getErr());
        }
        return CommandLine.ExitCode.USAGE;
    }
}
