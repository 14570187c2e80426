package dev.supportdb.cli;

import dev.supportdb.support.ChangelogFolder;
import dev.supportdb.support.PackagedServer;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A project of three features and a database of it in use, at the first of them; what is deployed are the others.
 *
 * @param password that no file may have
 */
record DeployProject(Path folder, PackagedServer server, TestDatabase database, String password) {

    static final String PASSWORD = "no-file-may-have-this";

    private static final String TEMPLATE = "project_template";

    static DeployProject in(Path folder, PackagedServer server, String name) throws Exception {
        new ChangelogFolder(folder).feature("main/001_crates").feature("main/002_moves").feature("main/003_days")
                .write("contexts/dev.properties", """
                        changeLogFile=%s
                        url=jdbc:postgresql://127.0.0.1:1/none
                        contexts=dev
                        """.formatted(ChangelogFolder.MASTER))
                .write("contexts/smoke.sql", """
                        -- critical tables: crates, moves
                        insert into moves (id) values (1);
                        """);
        Path moves = folder.resolve("changelog/main/002_moves.yaml");
        Files.writeString(moves, Files.readString(moves).replace("create table moves (id int)",
                "alter table crates add column at timestamptz; create table moves (id int)")
                .replace("drop table moves", "drop table moves; alter table crates drop column at"));
        return new DeployProject(folder, server, server.copy(template(folder, server), name), PASSWORD);
    }

    /** Returns the template for all projects of a server. */
    private static TestDatabase template(Path folder, PackagedServer server) throws Exception {
        TestDatabase template = server.database(TEMPLATE);
        if (!server.any().texts("select datname from pg_database").contains(TEMPLATE)) {
            server.create(TEMPLATE);
            new DeployProject(folder, server, template, PASSWORD).expect(0, "upgrade", "001");
            template.execute("insert into crates select generate_series(1, 50)");
            // As for a real application: these grants on new tables must not count as drift.
            template.execute("alter default privileges grant select on tables to pg_monitor");
            template.letGo();
        }
        return template;
    }

    /** Programs that do what a script says before they do their work. */
    Map<String, String> programs(String before) throws IOException {
        Path programs = Files.createDirectories(folder.resolve("programs"));
        for (String program : List.of("pg_dump", "pg_restore")) {
            Path file = Files.writeString(programs.resolve(program), "#!/bin/sh\nprogram=%s\n%s\nexec %s \"$@\"\n"
                    .formatted(program, before, server.programs().resolve(program)));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return Map.of("PG_BIN", programs.toString());
    }

    Process start(Map<String, String> variables, String... arguments) throws IOException {
        Map<String, String> all = new HashMap<>(Map.of("PG_BIN", server.programs().toString(), "DATABASE_URL",
                CommandRun.url(new TestDatabase(database.name(), database.url(), database.username(), password))));
        all.putAll(variables);
        return CommandRun.startIn(folder, all, arguments);
    }

    /** Runs it and says yes. */
    CommandRun run(Map<String, String> variables, String... arguments) throws Exception {
        Process process = start(variables, arguments);
        answer(process, "yes");
        return CommandRun.of(process);
    }

    /** Deploys, without what only some tests are about: a backup, and a trial before. */
    CommandRun deploy(String... arguments) throws Exception {
        return run(Map.of(), Stream.concat(Stream.of("deploy", "--backup-with=none", "--skip-review"),
                Stream.of(arguments)).toArray(String[]::new));
    }

    static void answer(Process process, String answer) {
        try (var input = process.outputWriter()) {
            input.write(answer + "\n");
        } catch (IOException ended) {
            // The process has ended without asking.
        }
    }

    CommandRun expect(int exitCode, String... arguments) throws Exception {
        CommandRun run = run(Map.of(), arguments);
        if (run.exitCode() != exitCode) {
            throw new AssertionError(run.exitCode() + ": " + run.output());
        }
        return run;
    }

    /** Returns everything that all runs have written to the log. */
    String log() throws IOException {
        return String.join("", written(".log"));
    }

    /** The report of the last run that wrote one, in a format. */
    String report(String format) throws IOException {
        List<String> all = written("." + format);
        return all.get(all.size() - 1);
    }

    private List<String> written(String ending) throws IOException {
        List<String> all = new ArrayList<>();
        if (Files.isDirectory(folder.resolve("logs"))) {
            try (Stream<Path> logs = Files.list(folder.resolve("logs"))) {
                for (Path log : logs.filter(path -> path.toString().endsWith(ending)).sorted().toList()) {
                    all.add(Files.readString(log));
                }
            }
        }
        return all;
    }

    List<String> backups() throws IOException {
        if (!Files.isDirectory(folder.resolve("backups"))) {
            return List.of();
        }
        try (Stream<Path> backups = Files.list(folder.resolve("backups"))) {
            return backups.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    List<String> history() throws SQLException {
        return database.texts("select id from databasechangelog order by orderexecuted");
    }

    /** Returns the only plan. */
    String plan() throws IOException {
        try (Stream<Path> plans = Files.list(folder.resolve("plans"))) {
            return plans.map(path -> path.getFileName().toString().replace(".sql", "")).reduce((one, other) -> {
                throw new AssertionError("two plans: " + one + " " + other);
            }).orElseThrow();
        }
    }
}
