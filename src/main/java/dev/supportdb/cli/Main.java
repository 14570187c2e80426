package dev.supportdb.cli;

import dev.supportdb.changelog.LiquibaseLogging;
import dev.supportdb.changelog.Suggestions;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.StopRequest;
import dev.supportdb.session.SettingsCheck;
import dev.supportdb.session.SupportDatabase;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.util.LiquibaseUtil;
import org.postgresql.util.DriverInfo;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands that {@code ./supportdb} runs, in the project's root. */
@Command(name = "./supportdb", synopsisSubcommandLabel = "COMMAND", mixinStandardHelpOptions = true,
        description = {"Migrates the support database by the names of its features, forward and back, and proves it.",
            "First: ./supportdb up, then ./supportdb current.",
            "A feature is a numbered changelog file, such as main/016.",
            "Options of a command: ./supportdb COMMAND --help"},
        commandListHeading = "",
        footer = {"", "A name is 016, ticket_metrics, main/016_ticket_metrics, 016-05 for one changeset, heads, base, "
            + "crm@head, crm@-1, +1, or an unambiguous beginning of one.", "",
            "For development there are also ./supportdb test, ./supportdb bench and ./supportdb chaos.", "",
            "Exit codes:",
            "  0   done, or nothing to do",
            "  1   there is something to report, or it was refused; nothing has been changed",
            "  2   misused, or not connected: no server, no such environment",
            "  3   failed and resumable: a backfill, a lock or a connection was lost; run the command again",
            "  4   failed and rolled back: the changeset left nothing; correct it, then run the command again",
            "  5   needs a person: a changeset outside a transaction failed, and may have left a part of it",
            "", "docs/commands.md has the environment variables and the settings."},
        subcommands = {UpCommand.class, DownCommand.class, ResetCommand.class, UpdateCommand.class,
        RollbackCommand.class, SqlCommand.class,
            RollbackSqlCommand.class, StatusCommand.class, UpgradeCommand.class, DowngradeCommand.class,
            StampCommand.class, CurrentCommand.class,
            HistoryCommand.class, HeadsCommand.class, BranchesCommand.class, ShowCommand.class, GraphCommand.class,
            RevisionCommand.class, MergeCommand.class,
            AutogenerateCommand.class, LintCommand.class, CheckCommand.class, ReviewCommand.class, TraceCommand.class,
            RollbackCheckCommand.class, RehearseCommand.class, DeployCommand.class, BackupCommand.class,
            RestoreCommand.class, RunsCommand.class,
            BackfillsCommand.class, FleetCommand.class, CompletionCommand.class})
public final class Main implements Runnable {

    /** The groups by the first of their commands, in the order of the list above. */
    private static final Map<String, String> GROUPS = Map.of("up", "Every day", "upgrade", "By name",
            "revision", "Write and prove features", "deploy", "Production", "backfills", "Backfills under way",
            "fleet", "Several databases", "completion", "This program");

    /** Commands that take names. For these {@code -1} is a count back, not an option. */
    private static final List<String> TAKE_NAMES =
            List.of("upgrade", "downgrade", "stamp", "show", "history", "sql", "rollback-sql");

    /** Commands that need a name. */
    private static final List<String> NEED_NAMES = List.of("downgrade", "stamp", "show",
            "backfills pause", "backfills resume", "backfills cancel", "backfills set");

    private static final Pattern OPTION = Pattern.compile("-(?!\\d).*", Pattern.DOTALL);

    @Spec
    private CommandSpec command;

    private Main() {
    }

    /** Runs the command that the arguments name, from the project's root. */
    public static void main(String... arguments) {
        if (System.getenv("STOP_AT_END_OF_INPUT") != null) {
            StopRequest.atTheEndOf(System.in);
        }
        System.exit(run(System.getenv(), arguments));
    }

    static int run(Map<String, String> variables, String... arguments) {
        LiquibaseLogging.off();
        PrintStream out = System.out;
        PrintStream err = System.err;
        TerminalOutput.install();
        try {
            return commands(variables)
                    // The help keeps its colours, because it contains no text from outside.
                    .setOut(new PrintWriter(out, true))
                    .setErr(new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true))
                    .execute(spelledOut(arguments));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** Replaces {@code help upgrade} by {@code upgrade --help}. */
    private static String[] spelledOut(String... typed) {
        String[] rest = Stream.of(typed).dropWhile("help"::equals).toArray(String[]::new);
        return rest.length == typed.length ? typed
                : Stream.concat(Stream.of(rest), Stream.of("--help")).toArray(String[]::new);
    }

    static CommandLine commands(Map<String, String> variables) {
        CommandLine commands = new CommandLine(new Main(), new Factory(variables))
                // An argument that starts with @ is not the name of a file with arguments.
                .setExpandAtFiles(false)
                .registerConverter(Path.class, new CallingFolder())
                .setUsageHelpWidth(100)
                .setExecutionStrategy(Main::runNamed)
                .setExecutionExceptionHandler(Main::failed)
                .setParameterExceptionHandler(Main::misused);
        TAKE_NAMES.forEach(name -> commands.getSubcommands().get(name).setUnmatchedOptionsArePositionalParams(true));
        NEED_NAMES.forEach(path -> sayNeeded(Stream.of(path.split(" "))
                .reduce(commands, (above, name) -> above.getSubcommands().get(name), (one, other) -> other)
                .getCommandSpec()));
        commands.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, Main::groups);
        sayVersion(commands);
        return commands;
    }

    /** Prints the versions, including our own in a package. */
    private static void sayVersion(CommandLine command) {
        String own = Main.class.getPackage().getImplementationVersion();
        command.getCommandSpec().versionProvider(() -> new String[] {"support-db %s, Liquibase %s, JDBC driver %s, Java %s"
                .formatted(own == null ? "from source" : own, LiquibaseUtil.getBuildVersion(),
                        DriverInfo.DRIVER_VERSION, System.getProperty("java.version"))});
        command.getSubcommands().values().forEach(Main::sayVersion);
    }

    /**
     * Removes the brackets from the name in the synopsis. The command itself reports a missing name, better than a
     * parser.
     */
    private static void sayNeeded(CommandSpec spec) {
        PositionalParamSpec word = spec.positionalParameters().get(0);
        spec.remove(word).addPositional(PositionalParamSpec.builder(word).hideParamSyntax(true)
                .paramLabel(word.paramLabel() + (word.arity().max() > 1 ? "..." : "")).build());
    }

    /** Lists the commands. */
    @Override
    public void run() {
        command.commandLine().usage(command.commandLine().getOut());
    }

    private static String groups(Help help) {
        return help.subcommands().entrySet().stream()
                .map(one -> (GROUPS.containsKey(one.getKey()) ? "%n%s:%n".formatted(GROUPS.get(one.getKey())) : "")
                        + "  %-15s %s%n".formatted(one.getKey(),
                                one.getValue().commandSpec().usageMessage().description()[0]))
                .collect(Collectors.joining());
    }

    private static int runNamed(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        CommandSpec spec = last.commandSpec();
        if (TAKE_NAMES.contains(spec.name())) {
            List<String> options = last.matchedPositionals().stream()
                    .flatMap(positional -> positional.originalStringValues().stream()).distinct()
                    .filter(word -> OPTION.matcher(word).matches()).toList();
            if (!options.isEmpty()) {
                throw new UnmatchedArgumentException(spec.commandLine(), options);
            }
        }
        if (!last.isUsageHelpRequested() && !last.isVersionHelpRequested()) {
            checkSettings(spec.commandLine());
        }
        return new RunLast().execute(parsed);
    }

    /** Checks variables that Liquibase reads before it connects, because Liquibase does not name an invalid one. */
    private static void checkSettings(CommandLine command) {
        try {
            if (!SupportDatabase.isEnabled()) {
                throw new ParameterException(command, """
                        supportdb.enabled is false, which leaves every run to Liquibase alone. These commands do not \
                        work then: unset it for them, or run mvn liquibase:update.""");
            }
            SettingsCheck.run();
        } catch (IllegalArgumentException | UnexpectedLiquibaseException e) {
            throw new ParameterException(command, PrintableText.of(e.getMessage().strip()), e);
        }
    }

    /** Creates the parts of commands, all with the same variables. */
    private record Factory(Map<String, String> variables) implements IFactory {

        @Override
        public <K> K create(Class<K> type) throws Exception {
            return type == EnvironmentOptions.class ? type.cast(new EnvironmentOptions(variables))
                    : CommandLine.defaultFactory().create(type);
        }
    }

    /** Reports expected failures in a sentence, and our own mistakes with their stack trace. */
    private static int failed(Exception failure, CommandLine command, ParseResult arguments) throws Exception {
        boolean expected = failure instanceof IOException
                || failure instanceof SQLException
                || failure instanceof LiquibaseException;
        if (!expected) {
            failure.printStackTrace(command.getErr());
            return ExitCode.NEEDS_PERSON;
        }
        command.getErr().println(failure instanceof FileSystemException file && file.getFile() != null
                ? fileFailure(file) : LiquibaseRunner.reason(failure));
        int exitCode = ExitCode.of(failure, command.getCommandSpec().exitCodeOnExecutionException());
        command.getErr().print(switch (exitCode) {
            case ExitCode.ROLLED_BACK -> """
                    The failed changeset has changed nothing, and those before it are kept. Correct it or the data, \
                    then run the same command again.
                    """;
            case ExitCode.NEEDS_PERSON -> """
                    The failed changeset ran outside a transaction, and may have left a part of its work. \
                    docs/failed-migrations.md says how to continue.
                    """;
            default -> "";
        });
        command.getErr().flush();
        return exitCode;
    }

    /** Describes a file failure, whose Java message is sometimes only the name of the file. */
    private static String fileFailure(FileSystemException failure) {
        String reason = failure.getReason() != null ? failure.getReason()
                : failure instanceof NoSuchFileException ? "it does not exist"
                : failure instanceof AccessDeniedException ? "permission denied"
                : failure.getClass().getSimpleName();
        return "Cannot read or write %s: %s.".formatted(failure.getFile(), reason);
    }

    private static int misused(ParameterException misuse, String[] arguments) {
        CommandLine command = misuse.getCommandLine();
        command.getErr().println(misuse instanceof UnmatchedArgumentException unmatched
                ? unknown(command, unmatched) : misuse.getMessage());
        return ExitCode.MISUSED;
    }

    /** Names the commands or options that may have been meant. */
    private static String unknown(CommandLine command, UnmatchedArgumentException misuse) {
        String word = misuse.getUnmatched().isEmpty() ? "" : misuse.getUnmatched().get(0);
        boolean isCommand = !word.startsWith("-") && !command.getSubcommands().isEmpty();
        Set<String> known =
                isCommand ? command.getSubcommands().keySet() : command.getCommandSpec().optionsMap().keySet().stream()
                        .filter(option -> !option.equals("--help")).collect(Collectors.toSet());
        String name = word.replaceFirst("=.*", "");
        // One letter is near to any other.
        List<String> near = name.length() < 3 ? List.of() : Suggestions.to(name, known);
        String path = command.getCommandSpec().qualifiedName();
        // Some options of other tools, such as --sql and --autogenerate, are commands here.
        CommandSpec root = command.getCommandSpec().root();
        List<String> commands = isCommand ? List.of() : root.subcommands().keySet().stream()
                .filter(one -> name.startsWith("--") && ("-" + one).endsWith(name.substring(1)))
                .map(one -> root.name() + " " + one).toList();
        return "%s%s".formatted(
                isCommand ? "There is no command '%s'.".formatted(word) : misuse.getMessage() + ".",
                !commands.isEmpty() ? " Commands for it: %s.".formatted(String.join(", ", commands))
                        : !near.isEmpty() ? " Nearest: %s.".formatted(near.stream()
                                .map(one -> isCommand ? path + " " + one : one).collect(Collectors.joining(", ")))
                        : isCommand ? " %s --help lists them.".formatted(path)
                        : " %s --help lists what it takes.".formatted(path));
    }
}
