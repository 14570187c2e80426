package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Position;
import dev.supportdb.changelog.PositionRange;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options that select a database and positions. */
final class PositionOptions {

    private static final Pattern BACK = Pattern.compile("(.+@)?-\\d+");
    private static final Pattern RELATIVE = Pattern.compile("(.+@)?[+-]\\d+");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private EnvironmentOptions environment;

    @Parameters(paramLabel = "NAME", arity = "0..*",
            description = "a feature such as 016, ticket_metrics or before-016, a changeset such as 016-05, heads, "
                    + "base, +1 or -1; crm@head, crm@-1 are those of one branch")
    private List<String> typed = List.of();

    @Option(names = "--branch", paramLabel = "BRANCH", description = "the branch of the names")
    private String branch;

    TargetDatabase target() throws IOException {
        return environment.settings().target();
    }

    Changelog changelog() throws IOException, LiquibaseException {
        return environment.changelog();
    }

    /** The state of the database. If it does not answer, an unknown name is reported first. */
    DatabaseState state() throws IOException, LiquibaseException {
        try {
            return DatabaseState.of(target(), Path.of(""));
        } catch (DatabaseException e) {
            places(new NameParser(changelog()),
                    typed.stream().filter(name -> !RELATIVE.matcher(name.strip()).matches()));
            throw e;
        }
    }

    /** A text such as {@code the contexts 'dev' and the label filter '!vector'}. */
    String filters() throws IOException {
        TargetDatabase target = target();
        return "the contexts '%s'%s".formatted(target.contexts(),
                target.labels() == null ? "" : " and the label filter '%s'".formatted(target.labels()));
    }

    boolean isGiven() {
        return !typed.isEmpty();
    }

    /** Returns whether it is a number of features to roll back. */
    boolean countsBack() {
        return typed.stream().allMatch(name -> BACK.matcher(name.strip()).matches());
    }

    /** The named positions, or the heads; throws a usage error if a name is unknown or ambiguous. */
    List<Position> placesOrHeads(NameParser names) {
        return isGiven() ? places(names) : places(names, Stream.of(isBranchGiven() ? "head" : "heads"));
    }

    List<Position> places(NameParser names) {
        return places(names, typed.stream());
    }

    private List<Position> places(NameParser names, Stream<String> these) {
        try {
            return names.places(these.map(this::onBranch).toList());
        } catch (IllegalArgumentException e) {
            String where = isBranchGiven() ? "\n--branch=%s searches only that branch.".formatted(branch.strip()) : "";
            throw new ParameterException(command.commandLine(), e.getMessage() + where, e);
        }
    }

    boolean isBranchGiven() {
        return branch != null && !branch.isBlank();
    }

    private String onBranch(String name) {
        if (!isBranchGiven()) {
            return name;
        }
        if (name.contains("@")) {
            throw misuse("'%s' names a branch, and so does --branch=%s: remove one.".formatted(name, branch));
        }
        return branch.strip() + "@" + name;
    }

    /** Returns another command for the same environment, to be pasted. */
    String command(String name, String... words) {
        return environment.command(name, words);
    }

    /** The names as typed. */
    String inWords() {
        return String.join(" ", typed) + (isBranchGiven() ? " on branch " + branch.strip() : "");
    }

    /** The same command with more words. */
    String again(String... more) {
        return asTyped(command.name(), more);
    }

    /** Another command with the names as typed, and more words. */
    String asTyped(String name, String... more) {
        return environment.command(name, Stream.of(typed.stream(),
                isBranchGiven() ? Stream.of("--branch=" + branch.strip()) : Stream.<String>empty(), Stream.of(more))
                .flatMap(words -> words).toArray(String[]::new));
    }

    /** The same command for other names. */
    String forNames(List<Position> places, String... more) {
        return environment.command(command.name(),
                Stream.concat(PositionRange.lastOnEachBranch(places).stream().map(Position::toString), Stream.of(more))
                        .toArray(String[]::new));
    }

    ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
