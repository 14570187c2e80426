package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.generate.BranchChooser;
import dev.supportdb.generate.FeatureScaffold;
import dev.supportdb.generate.JpaModels;
import dev.supportdb.generate.JpaModelsCheck;
import dev.supportdb.generate.ModelChangesets;
import dev.supportdb.generate.UnusableModelsException;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.Rehearsal;
import dev.supportdb.verify.ScratchDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** From a change of the JPA classes to the changesets for it. */
@Command(name = "autogenerate", mixinStandardHelpOptions = true,
        description = {"Begin a feature with what the JPA classes have and the changelog lacks.",
            "They are compared with a fresh database built from the changelog, on the server of the environment; the "
                + "database that it names is not looked at."})
final class AutogenerateCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @ArgGroup(multiplicity = "1")
    private Message message;

    /** What changes, with or without the name of the option. */
    static final class Message {

        @Option(names = {"-m", "--message"}, paramLabel = "WORDS",
                description = "what changes, in a few words; the file is named after it")
        private String option;

        @Parameters(paramLabel = "WORDS", description = "the same as --message")
        private String words;

        @Override
        public String toString() {
            return option != null ? option : words;
        }
    }

    @Mixin
    private ScratchServerOptions scratch;

    @Option(names = "--branch", paramLabel = "NAME",
            description = "the branch to write it for (default: that of the tables it changes, or main)")
    private String branch;

    @Option(names = "--ticket", paramLabel = "ID", description = "a ticket to name in the file")
    private String ticket;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        TargetDatabase target = environment.settings().target();
        if (!target.changelog().equals(Rehearsal.CHANGELOG)) {
            throw misuse("The JPA classes are of %s, and this environment has %s: choose another one."
                    .formatted(Rehearsal.CHANGELOG, target.changelog()));
        }
        FeatureScaffold scaffold = new FeatureScaffold(Path.of(""), target.changelog(), target.parameters());
        // Before a minute is spent: what is wrong with the words.
        begin(scaffold, "main");
        JpaModels models = JpaModels.find(AutogenerateCommand.class.getClassLoader())
                .orElseThrow(() -> misuse("The JPA classes are not here. " + JpaModels.MISSING));
        ModelChangesets proposal = proposal(models, scratch.runningServer(environment));
        if (proposal.isEmpty()) {
            System.out.println("The models and the changelog agree: nothing to do");
            return 0;
        }
        Changelog changelog = scaffold.changelog();
        List<String> left = proposal.leaveOut(texts(changelog));
        if (proposal.isEmpty()) {
            System.out.printf("Nothing has been written: what is left waits for a person to decide.%n          %s%n",
                    String.join(System.lineSeparator() + " ".repeat(10), left));
            System.out.println("""
                    Next      take the signs there away, or bring it back into the models
                              what is only not mapped goes into unmapped.txt""");
            return 0;
        }
        BranchChooser home = new BranchChooser(changelog, proposal.touched());
        FeatureScaffold.Begun begun = begin(scaffold, branch == null ? home.branch() : branch);
        FeatureScaffold.Begun feature = home.condition(begun.branch()).map(begun::on).orElse(begun);
        scaffold.write(feature, ticket, proposal.text(feature.name()));
        System.out.printf("Written   %s, included in %s%n          %s%n", feature.path(), target.changelog(),
                proposal.summary());
        feature.condition().ifPresent(needed -> System.out.println("Needs     " + String.join(", ",
                needed.wanted().stream().map(ChangeSet::getId).toList())));
        left.forEach(line -> System.out.println("Waits     for a person to decide: " + line));
        Stream.concat(home.warnings(feature.branch()).stream(), proposal.warnings().stream())
                .forEach(warning -> System.out.println("WARNING   " + warning));
        System.out.println("""
                Next      read it, and complete it
                          %s    what it does
                          %s    do it
                          %s    see that it can be undone""".formatted(environment.command("sql"),
                environment.command("upgrade"), environment.command("rollback-check")));
        return 0;
    }

    private ModelChangesets proposal(JpaModels models, TargetDatabase server) throws SQLException, LiquibaseException {
        try {
            return JpaModelsCheck.of(models, ScratchDatabase.on(server)).proposal();
        } catch (UnusableModelsException e) {
            throw misuse(e.getMessage());
        }
    }

    private static Map<String, String> texts(Changelog changelog) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Feature feature : changelog.features()) {
            texts.put(feature.path(), Files.readString(Path.of(feature.path())));
        }
        return texts;
    }

    private FeatureScaffold.Begun begin(FeatureScaffold scaffold, String branchName) throws IOException {
        try {
            return scaffold.begin(branchName, message.toString());
        } catch (IllegalArgumentException e) {
            throw misuse(e.getMessage());
        }
    }

    private ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
