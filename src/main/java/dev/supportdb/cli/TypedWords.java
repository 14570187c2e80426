package dev.supportdb.cli;

import dev.supportdb.postgres.DatabaseUrl;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The arguments and options of a command as they were typed, for a command that repeats it. */
final class TypedWords {

    /** Options that {@link EnvironmentOptions} adds to every command. */
    private static final List<String> OF_ENVIRONMENT = List.of("--env", "--settings", "--labels");

    /** An option whose value, a shell command, often contains the secret address of a hook. */
    private static final String NOTIFY = "--notify";

    private TypedWords() {
    }

    /**
     * Returns the words, the arguments first. Paths are as the program resolved them. No secret is among the words:
     * an address with a password is left out, and {@code --notify}.
     *
     * @param without options to leave out
     */
    static String[] of(CommandSpec command, String... without) {
        ParseResult parsed = command.commandLine().getParseResult();
        Stream<String> arguments = command.positionalParameters().stream()
                .flatMap(argument -> argument.originalStringValues().stream());
        Stream<String> options = command.options().stream().filter(parsed::hasMatchedOption)
                .filter(option -> !OF_ENVIRONMENT.contains(option.longestName())
                        && !option.longestName().equals(NOTIFY) && !List.of(without).contains(option.longestName()))
                .flatMap(TypedWords::word);
        return Stream.concat(arguments, options).toArray(String[]::new);
    }

    private static Stream<String> word(OptionSpec option) {
        if (option.arity().max() == 0) {
            return Stream.of(option.longestName());
        }
        String value = option.getValue() instanceof Path path ? path.toString() : option.originalStringValues().get(0);
        return DatabaseUrl.find(value).filter(DatabaseUrl::hasPassword).isPresent() ? Stream.empty()
                : Stream.of(option.longestName() + "=" + value);
    }
}
