package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Position;
import dev.supportdb.changelog.PositionRange;
import dev.supportdb.postgres.Plural;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.OfflineSql;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The arguments that select the SQL to write, and the file it is written to. */
final class SqlRange {

    private static final Path FILE = CallingFolder.ofProject("target/liquibase/migrate.sql");

    /** Writes the script of an online run. */
    interface Script {
        String of(LiquibaseRunner migration) throws LiquibaseException;
    }

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private EnvironmentOptions environment;

    @Parameters(paramLabel = "FROM:TO", arity = "0..2",
            description = "from one name to another, without a database: 008:016, or 008 016; :016 begins at base, "
                    + "016: ends at heads, or with rollback-sql the other way round; several names with commas")
    private List<String> typed = List.of();

    boolean isGiven() {
        return !typed.isEmpty();
    }

    /**
     * Writes the SQL for the environment's own database.
     *
     * @param options of the command, for the head of the script
     */
    int writeOnline(String nothing, List<String> options, Script script) throws IOException, LiquibaseException {
        // If this fails, the script of an earlier command must not pass for the result.
        Files.deleteIfExists(FILE);
        MigrationProgress work = new MigrationProgress();
        String sql = script.of(work.migration(environment.settings().target()));
        return write(work, sql, nothing, options);
    }

    /** Writes the SQL from one name to a later one. */
    int writeForward() throws IOException, LiquibaseException {
        return writeOffline(false, "rollback-sql", List.of(), UnaryOperator.identity());
    }

    /**
     * Writes the SQL from one name back to an earlier one.
     *
     * @param options of the command, for the head of the script
     */
    int writeBack(List<String> options, UnaryOperator<LiquibaseRunner> discarding)
            throws IOException, LiquibaseException {
        return writeOffline(true, "sql", options, discarding);
    }

    private int writeOffline(boolean back, String other, List<String> options,
            UnaryOperator<LiquibaseRunner> discarding) throws IOException, LiquibaseException {
        Files.deleteIfExists(FILE);
        TargetDatabase target = environment.settings().target();
        Changelog changelog = environment.changelog();
        NameParser names = new NameParser(changelog);
        NameRange range = range(back, options);
        List<Position> start;
        List<Position> end;
        try {
            start = places(names, range.from(), back ? "heads" : "base");
            end = places(names, range.to(), back ? "base" : "heads");
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        PositionRange to = new PositionRange(changelog, end);
        List<ChangeSet> ran = new PositionRange(changelog, start).state();
        List<ChangeSet> these = new ArrayList<>(back ? to.behind() : to.stateAfter(ran));
        if (back) {
            these.retainAll(ran);
        } else {
            Map<Feature, List<Feature>> deferred = to.deferred(these);
            deferred.keySet().removeAll(new PositionRange(changelog, start).deferred(ran).keySet());
            Console.deferred(deferred);
            these.removeAll(ran);
        }

        MigrationProgress work = new MigrationProgress();
        OfflineSql offline = new OfflineSql(target, Path.of(""), changelog, work);
        String sql = back ? offline.rollback(these, ran, discarding) : offline.update(these, ran);
        return write(work, sql, "There is nothing to %s between these two, no SQL has been written. The other way: %s"
                .formatted(back ? "undo" : "run", environment.command(other, typed.toArray(String[]::new))), options);
    }

    /** The typed range; for a single word, the error names the form without one. */
    private NameRange range(boolean back, List<String> options) {
        try {
            return NameRange.of(typed);
        } catch (IllegalArgumentException e) {
            List<String> words = new ArrayList<>(options);
            if (back) {
                String word = typed.get(0).strip();
                words.add(0, "--count=" + (word.matches("-[1-9][0-9]{0,8}") ? word.substring(1) : "1"));
            }
            throw new ParameterException(command.commandLine(), "%s. %s: %s".formatted(e.getMessage(),
                    back ? "Here the later name comes first. For a number of changesets, counted from the last"
                            : "For the pending changesets",
                    environment.command(command.name(), words.toArray(String[]::new))), e);
        }
    }

    static List<Position> places(NameParser names, String typed, String otherwise) {
        return names.places(List.of((typed.isEmpty() ? otherwise : typed).split(",", -1)));
    }

    private int write(MigrationProgress work, String sql, String nothing, List<String> options) throws IOException {
        if (work.changesets() == 0) {
            System.out.println(nothing);
            return ExitCode.DONE;
        }
        List<String> words = new ArrayList<>(typed);
        words.addAll(options);
        Files.createDirectories(FILE.getParent());
        Files.writeString(FILE, "-- %s%n%s".formatted(
                environment.command(command.name(), words.toArray(String[]::new)).replaceAll("\\s+", " "), sql));
        System.out.printf("%s written to %s%n", Plural.of(work.changesets(), "changeset"), FILE);
        return ExitCode.DONE;
    }
}
