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

/** Creates a feature from a change of the JPA classes. */
@Command(name = "autogenerate", mixinStandardHelpOptions = true,
        description = {"Create a feature from what the JPA classes have and the changelog lacks.",
            "They are compared with a fresh database built from the changelog, on the server of the environment; the "
                + "database of the environment is not read."})
final class AutogenerateCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @ArgGroup(multiplicity = "1")
    private Message message;

    /** The message, with or without the name of the option. */
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
            throw misuse("The JPA classes belong to %s, and this environment has %s: choose another one with --env."
                    .formatted(Rehearsal.CHANGELOG, target.changelog()));
        }
        FeatureScaffold scaffold = new FeatureScaffold(Path.of(""), target.changelog(), target.parameters());
        // Refuses wrong arguments before a minute of work.
        begin(scaffold, "main");
        JpaModels models = JpaModels.find(AutogenerateCommand.class.getClassLoader())
                .orElseThrow(() -> misuse("There are no compiled JPA classes. " + JpaModels.MISSING));
        ModelChangesets proposal = proposal(models, scratch.runningServer(environment));
        if (proposal.isEmpty()) {
            System.out.println("The models and the changelog agree: nothing to do");
            return 0;
        }
        Changelog changelog = scaffold.changelog();
        List<String> left = proposal.leaveOut(texts(changelog));
        if (proposal.isEmpty()) {
            System.out.printf("Nothing has been written: only changes for a person to decide are left.%n          %s%n",
                    String.join(System.lineSeparator() + " ".repeat(10), left));
            System.out.println("""
                    Next      remove the # signs there, or restore it in the models
                              add a table that is only not mapped to unmapped.txt""");
            return 0;
        }
        BranchChooser home = new BranchChooser(changelog, proposal.touched());
        FeatureScaffold.Begun begun = begin(scaffold, branch == null ? home.branch() : branch);
        FeatureScaffold.Begun feature = home.condition(begun.branch()).map(begun::on).orElse(begun);
        scaffold.write(feature, ticket, proposal.text(feature, changelog));
        System.out.printf("Written   %s, included in %s%n          %s%n",
                CallingFolder.ofProject(feature.path().toString()), CallingFolder.ofProject(target.changelog()),
                proposal.summary());
        feature.condition().ifPresent(needed -> System.out.println("Needs     " + String.join(", ",
                needed.wanted().stream().map(ChangeSet::getId).toList())));
        left.forEach(line -> System.out.println("Decide    by a person: " + line));
        Stream.concat(home.warnings(feature.branch()).stream(), proposal.warnings().stream())
                .forEach(warning -> System.out.println("WARNING   " + warning));
        System.out.println("""
                Next      read it, and complete it
                          %s    show its SQL
                          %s    run it
                          %s    prove that it can be undone""".formatted(environment.command("sql"),
                environment.command("upgrade"), environment.command("rollback-check")));
        return 0;
    }

    private ModelChangesets proposal(JpaModels models, TargetDatabase server) throws SQLException, LiquibaseException {
        try (BuildProgress progress = new BuildProgress()) {
            return JpaModelsCheck.of(models, ScratchDatabase.on(server), progress).proposal();
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
