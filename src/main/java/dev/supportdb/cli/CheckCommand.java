package dev.supportdb.cli;

import dev.supportdb.generate.FeatureScaffold;
import dev.supportdb.postgres.Json;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.IgnoreList;
import dev.supportdb.verify.DriftCheck;
import dev.supportdb.verify.ExpectedSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares the database, the changelog and the JPA classes, which should agree. */
@Command(name = "check", mixinStandardHelpOptions = true,
        description = {"Compare the database and the JPA classes with what the changelog makes.",
            "The database is compared with a fresh one built from the changelog at the same point, the JPA classes "
                + "with the whole changelog."},
        exitCodeOnExecutionException = 2,
        footer = "Exits with 0 if they match, with 1 if they do not, with 2 if they could not be compared. "
                + "Intended differences are listed in drift.ignore beside the changelog.")
final class CheckCommand implements Callable<Integer> {

    /**
     * The result of one check.
     *
     * @param name the name of the check in the JSON
     * @param text for people
     */
    record Verdict(String name, boolean inStep, String text, Map<String, Object> json) {}

    @Mixin
    private EnvironmentOptions environment;

    @Mixin
    private ScratchServerOptions scratch;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        TargetDatabase target = environment.settings().target();
        List<Verdict> verdicts = Stream.concat(notes(target).stream().map(this::say),
                Stream.of(say(drift(target)), say(ModelsReport.of(scratch.server(target),
                        environment.command("autogenerate", "follow the models"))))).toList();

        boolean inStep = verdicts.stream().allMatch(Verdict::inStep);
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>(Map.of("inStep", inStep));
            verdicts.forEach(verdict -> all.put(verdict.name(), verdict.json()));
            System.out.println(Json.of(all));
        }
        return inStep ? 0 : 1;
    }

    /** Prints the result at once, because the next check may fail. */
    private Verdict say(Verdict verdict) {
        if (!json) {
            System.out.println(verdict.text());
        }
        return verdict;
    }

    /** The notes on the database, if there are any. */
    private static Optional<Verdict> notes(TargetDatabase target) throws LiquibaseException {
        List<String> notes = DatabaseState.notes(target, Path.of("")).all();
        return notes.isEmpty() ? Optional.empty()
                : Optional.of(new Verdict("notes", false, String.join("\n", notes), Map.of("notes", notes)));
    }

    private Verdict drift(TargetDatabase target) throws IOException, SQLException, LiquibaseException {
        IgnoreList ignoreList = scratch.ignoreList(target);
        DriftCheck drift = DriftCheck.of(target, new ExpectedSchema(scratch.server(target), Path.of("")));
        FeatureScaffold scaffold = new FeatureScaffold(Path.of(""), target.changelog(), target.parameters());
        return DriftReport.of(drift, ignoreList, scaffold.name(DriftReport.ADOPTED),
                environment::command);
    }
}
