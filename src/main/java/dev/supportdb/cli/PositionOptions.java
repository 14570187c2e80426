package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Position;
import dev.supportdb.run.Target;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options by which a command learns which database to take how far. */
final class PositionOptions {

    private static final Pattern STEPS = Pattern.compile("[1-9]\\d{0,3}");
    private static final Pattern BACK = Pattern.compile("(.+@)?-\\d+");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private EnvironmentOptions environment;

    @Option(names = "--to", paramLabel = "NAME",
            description = "a feature such as 016, ticket_metrics or before-016, a changeset such as 016-05, heads, "
                    + "base, +1 or -1; crm@head, crm@-1 are those of one branch; several with spaces between them")
    private String to;

    @Option(names = "--branch", paramLabel = "BRANCH", description = "the branch that the name is meant on")
    private String branch;

    private boolean isImplied;

    Target target() throws IOException {
        return environment.settings().target();
    }

    Changelog changelog() throws IOException, LiquibaseException {
        return environment.changelog();
    }

    /** {@code the contexts 'dev' and the label filter '!vector'}. */
    String filters() throws IOException {
        Target target = target();
        return "the contexts '%s'%s".formatted(target.contexts(),
                target.labels() == null ? "" : " and the label filter '%s'".formatted(target.labels()));
    }

    /** What stands in place of a name that is not given. */
    void otherwise(String name) {
        isImplied = !isGiven();
        to = isImplied ? name : to;
    }

    boolean isGiven() {
        return to != null && !to.isBlank();
    }

    /** Counts from where the database is; a misuse beside a name. */
    void steps(String steps, String sign) {
        if (steps != null && (isGiven() || !STEPS.matcher(steps).matches())) {
            throw misuse(isGiven() ? "Say how far either by to or by steps, not by both."
                    : "steps must be a whole number from 1 on, not " + steps);
        }
        to = steps == null ? to : sign + steps;
    }

    /** Whether it counts the features to go back. */
    boolean countsBack() {
        return BACK.matcher(to.strip()).matches();
    }

    /** What is named; a misuse where a name stands for nothing, or for more than it may. */
    List<Position> places(NameParser names) {
        if (!isGiven()) {
            throw misuse("Say where: to=NAME, with a feature such as 016 or crm@head, or heads, or base.");
        }
        return places(names, Pattern.compile("\\s+").splitAsStream(to.strip()).map(this::onBranch));
    }

    /** The same for other names than those of the destination. */
    List<Position> places(NameParser names, Stream<String> typed) {
        try {
            return typed.flatMap(name -> names.places(name).stream()).toList();
        } catch (IllegalArgumentException e) {
            String where = isBranchGiven() ? "\nbranch=%s looks there alone.".formatted(branch.strip()) : "";
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
            throw misuse("'%s' names a branch, and so does branch=%s: leave one out.".formatted(name, branch));
        }
        return branch.strip() + "@" + name;
    }

    /** What make has to be given to choose the same again. */
    String makeArguments() {
        return "%s%s%s".formatted(environment.makeArguments(), isImplied ? "" : " to='%s'".formatted(to.strip()),
                isBranchGiven() ? " branch=" + branch.strip() : "");
    }

    ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
