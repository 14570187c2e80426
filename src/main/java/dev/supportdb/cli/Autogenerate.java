package dev.supportdb.cli;

import dev.supportdb.changelog.Scaffold;
import dev.supportdb.deploy.Rehearsal;
import dev.supportdb.deploy.Target;
import dev.supportdb.generate.Home;
import dev.supportdb.generate.Models;
import dev.supportdb.generate.ModelsCheck;
import dev.supportdb.generate.Proposal;
import dev.supportdb.generate.UnusableModels;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** From a change of the JPA classes to the changesets for it. */
@Command(name = "autogenerate", mixinStandardHelpOptions = true,
        description = "Compare the JPA classes with a fresh database built from the changelog, and write a feature's "
                + "file with what the changelog lacks. The database that the environment names is not looked at.")
final class Autogenerate implements Callable<Integer> {

    @Mixin
    private Environment environment;

    @Option(names = {"-m", "--message"}, required = true, paramLabel = "WORDS",
            description = "what changes, in a few words; the file is named after it")
    private String message;

    @Option(names = "--branch", paramLabel = "NAME",
            description = "the branch to write it for (default: that of the tables it changes, or main)")
    private String branch;

    @Option(names = "--ticket", paramLabel = "ID", description = "a ticket to name in the file")
    private String ticket;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        Target target = environment.settings().target();
        if (!target.changelog().equals(Rehearsal.CHANGELOG)) {
            throw misuse("The JPA classes are of %s, and this environment has %s: choose another one."
                    .formatted(Rehearsal.CHANGELOG, target.changelog()));
        }
        Scaffold scaffold = new Scaffold(Path.of(""), target.changelog(), target.parameters());
        // Before a minute is spent: what is wrong with the words.
        begin(scaffold, "main");
        Models models = Models.find(Autogenerate.class.getClassLoader())
                .orElseThrow(() -> misuse("The JPA classes are not here. " + Models.MISSING));
        if (environment.settings().embedded()) {
            Main.startServer();
        }
        Proposal proposal = proposal(models, target);
        if (proposal.isEmpty()) {
            System.out.println("The models and the changelog agree: nothing to do");
            return 0;
        }
        Home home = new Home(scaffold.changelog(), proposal.touched());
        Scaffold.Begun begun = begin(scaffold, branch == null ? home.branch() : branch);
        Scaffold.Begun feature = home.condition(begun.branch()).map(begun::on).orElse(begun);
        scaffold.write(feature, ticket, proposal.text(feature.name()));
        System.out.printf("Written   %s, included in %s%n          %s%n", feature.path(), target.changelog(),
                proposal.summary());
        feature.condition().ifPresent(needed -> System.out.println("Needs     " + String.join(", ",
                needed.wanted().stream().map(ChangeSet::getId).toList())));
        Stream.concat(home.warnings(feature.branch()).stream(), proposal.warnings().stream())
                .forEach(warning -> System.out.println("WARNING   " + warning));
        System.out.println("""
                Next      read it, and complete it
                          make sql              what it does
                          make upgrade          do it
                          make rollback-check   see that it can be undone""");
        return 0;
    }

    private Proposal proposal(Models models, Target target) throws SQLException, LiquibaseException {
        try {
            return ModelsCheck.of(models, target).proposal();
        } catch (UnusableModels e) {
            throw misuse(e.getMessage());
        }
    }

    private Scaffold.Begun begin(Scaffold scaffold, String branchName) throws IOException {
        try {
            return scaffold.begin(branchName, message);
        } catch (IllegalArgumentException e) {
            throw misuse(e.getMessage());
        }
    }

    private ParameterException misuse(String message) {
        return new ParameterException(command.commandLine(), message);
    }
}
