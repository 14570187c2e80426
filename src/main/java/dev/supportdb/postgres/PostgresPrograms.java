package dev.supportdb.postgres;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The programs {@code pg_dump} and {@code pg_restore} of one release on this machine.
 *
 * @param folder  the folder with both
 * @param version such as {@code 15.18}
 */
public record PostgresPrograms(Path folder, String version) {

    /** The variable that names their folder. */
    public static final String VARIABLE = "PG_BIN";

    /** The folders of Linux packages, Homebrew and Postgres.app, one for each major version. */
    private static final List<String> USUAL = List.of("/usr/lib/postgresql/%d/bin", "/usr/pgsql-%d/bin",
            "/opt/homebrew/opt/postgresql@%d/bin", "/usr/local/opt/postgresql@%d/bin", "/usr/local/pgsql/bin",
            "/Applications/Postgres.app/Contents/Versions/%d/bin");

    private static final int NEWEST_TRIED = 30;
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) ((\\d+)\\S*)");

    /**
     * Finds the programs for a server: {@code pg_dump} refuses a server that is newer than itself. Of several, chooses
     * the oldest, because an older server may not understand the output of a newer one.
     *
     * @param major       the major version of the server
     * @param environment the variables of the process
     * @throws IOException if there are none, naming those that exist and what to install
     */
    public static PostgresPrograms of(int major, Map<String, String> environment) throws IOException {
        List<PostgresPrograms> found = new ArrayList<>();
        for (Path folder : folders(major, environment)) {
            in(folder).ifPresent(found::add);
        }
        return found.stream().filter(programs -> programs.major() >= major)
                .min(Comparator.comparingInt(PostgresPrograms::major))
                .orElseThrow(() -> new IOException("""
                        pg_dump and pg_restore of PostgreSQL %1$d or later are needed for a server of version %1$d%2$s.
                        Install them, as postgresql-client-%1$d of your system or of apt.postgresql.org, or name their \
                        folder: PG_BIN=/usr/lib/postgresql/%1$d/bin""".formatted(major, found.isEmpty()
                        ? environment.getOrDefault(VARIABLE, "").isBlank() ? ", and none was found"
                                : ", and PG_BIN=%s has none".formatted(environment.get(VARIABLE))
                        : ". Too old: " + found.stream().map(PostgresPrograms::toString)
                                .collect(Collectors.joining(", ")))));
    }

    /** Runs a program to its end and returns its output; throws an {@link IOException} with the output if it fails. */
    public String run(String program, Map<String, String> connection, List<String> arguments) throws IOException {
        try (ChildProgram running = start(program, connection, arguments)) {
            return running.finish();
        }
    }

    /** Starts a program with the connection in its variables; it never asks for a password. */
    public ChildProgram start(String program, Map<String, String> connection, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(folder.resolve(program).toString(), "--no-password"));
        command.addAll(arguments);
        return ChildProgram.start(command, connection);
    }

    private int major() {
        return Integer.parseInt(version.replaceFirst("\\D.*", ""));
    }

    /** The folders to search: only PG_BIN if it is set. */
    private static Set<Path> folders(int major, Map<String, String> environment) {
        String given = environment.getOrDefault(VARIABLE, "");
        if (!given.isBlank()) {
            return Set.of(Path.of(given).toAbsolutePath());
        }
        Set<Path> folders = new LinkedHashSet<>();
        Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator)).filter(path -> !path.isBlank())
                .forEach(path -> folders.add(Path.of(path).toAbsolutePath()));
        for (int version = Math.min(major, 15); version <= NEWEST_TRIED; version++) {
            for (String usual : USUAL) {
                folders.add(Path.of(usual.formatted(version)));
            }
        }
        return folders;
    }

    private static Optional<PostgresPrograms> in(Path folder) {
        if (!Files.isExecutable(folder.resolve("pg_dump")) || !Files.isExecutable(folder.resolve("pg_restore"))) {
            return Optional.empty();
        }
        try {
            Matcher dump = VERSION.matcher(
                    ChildProgram.run(List.of(folder.resolve("pg_dump").toString(), "--version"), Map.of()));
            Matcher restore = VERSION.matcher(
                    ChildProgram.run(List.of(folder.resolve("pg_restore").toString(), "--version"), Map.of()));
            boolean same = dump.find() && restore.find() && dump.group(2).equals(restore.group(2));
            return same ? Optional.of(new PostgresPrograms(folder, dump.group(1))) : Optional.empty();
        } catch (IOException broken) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "pg_dump %s in %s".formatted(version, folder);
    }
}
