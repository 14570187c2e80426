package dev.supportdb.cli;

import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A folder of targets, and the commands of the fleet on it, as a person gives them.
 *
 * @param folder   of the targets
 * @param project  whose changelog they have
 * @param settings of all of them
 */
public record FleetTrial(Path folder, Path project, String settings) {

    private static final String MASTER = "changelog/db.changelog-master.yaml";

    /** Targets of this project, which are to be brought to a state. */
    public static FleetTrial ofThisProject(Path folder, MigrationState state) throws IOException {
        return new FleetTrial(Files.createDirectories(folder.resolve("targets")), Path.of("").toAbsolutePath(), """
                contexts=%s
                labels=%s
                parameter.demo.rows=%d
                """.formatted(state.contexts(), state.labels(), state.tickets()));
    }

    /** Targets of a project that is written into the folder, with one feature of two changesets. */
    static FleetTrial ofProject(Path folder, String first, String second) throws IOException {
        Files.createDirectories(folder.resolve("changelog/main"));
        Files.writeString(folder.resolve(MASTER), """
                databaseChangeLog:
                  - property: {name: supportdb.schema, value: public}
                  - include: {file: changelog/main/001_two.yaml, labels: main}
                """);
        Files.writeString(folder.resolve("changelog/main/001_two.yaml"), """
                databaseChangeLog:
                  - logicalFilePath: changelog/main/001_two.yaml
                """ + (TinyChangelog.changeSet("001_two-01-one", "", first, null)
                + TinyChangelog.changeSet("001_two-02-two", "", second, "drop table two")).indent(2));
        return new FleetTrial(Files.createDirectories(folder.resolve("targets")), folder,
                "contexts=test\nlabels=main\n");
    }

    /** The settings of one. */
    public Path file(String name) {
        return folder.resolve(name + ".properties");
    }

    /** Adds a database. */
    public void target(String name, TestDatabase database) throws IOException {
        target(name, database.url(), database.username());
    }

    /** Adds one that need not be there. */
    public void target(String name, String url, String username) throws IOException {
        Files.writeString(file(name), """
                changeLogFile=%s
                url=%s
                username=%s
                """.formatted(MASTER, url, username) + settings);
    }

    /**
     * Starts a command on all of them.
     *
     * @param password of every database
     */
    public Process start(String password, String... words) throws IOException {
        return start(Map.of("DB_PASSWORD", password), words);
    }

    /** Starts one with more variables than the password. */
    public Process start(Map<String, String> variables, String... words) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("fleet"));
        arguments.addAll(List.of(words));
        arguments.add(folder.toString());
        return CommandRun.startIn(project, variables, arguments.toArray(String[]::new));
    }

    /** Runs a command on all of them, to its end. */
    public CommandRun run(String password, String... words) throws IOException, InterruptedException {
        return CommandRun.of(start(password, words));
    }

    /** The process that brings a target forward, while it runs; its words are what everybody on the machine sees. */
    public static Optional<ProcessHandle> upgradeOf(Process fleet, String name) {
        return fleet.toHandle().descendants().filter(process -> words(process).contains(" upgrade ")
                && words(process).contains("/%s.properties".formatted(name))).findFirst();
    }

    /** Presses Ctrl-C. */
    static void interrupt(Process process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    static String words(ProcessHandle process) {
        try {
            return CommandRun.of(new ProcessBuilder("ps", "-ww", "-o", "args=", "-p", Long.toString(process.pid()))
                    .start()).output();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
