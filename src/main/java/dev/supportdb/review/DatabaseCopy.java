package dev.supportdb.review;

import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.postgres.PostgresPrograms;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.TargetDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import liquibase.exception.CommandExecutionException;

/**
 * A copy of a database in use, with its rows: from a dump, or read from the database itself. Exactly one of the two is
 * given. The output of {@code pg_dump} and {@code pg_restore} is not shown, because it may contain values.
 *
 * @param dump a file of {@code pg_dump}, as a custom archive or as plain SQL; null for the database itself
 * @param url  the database, with user and password; null for a dump
 */
public record DatabaseCopy(Path dump, DatabaseUrl url) implements StartingState {

    private static final String CUSTOM = "PGDMP";

    @Override
    public Basis make(TargetDatabase scratch, Connection connection, long rows)
            throws SQLException, IOException, CommandExecutionException {
        String refused;
        try (Connection loading = scratch.connect()) {
            int major = loading.getMetaData().getDatabaseMajorVersion();
            refused = url != null ? loaded(loading, major, "pg_dump")
                    : isCustom() ? loaded(loading, major, "pg_restore", "--file=-", dump.toString())
                    : loadedText(loading);
        }
        Sql.execute(connection, "analyze");
        return new Basis("a copy of %s with all of its rows%s".formatted(
                url != null ? "the database " + url.jdbc().replaceAll("^.*//|[?].*$", "") : dump.getFileName(),
                refused.isEmpty() ? "" : ", of which the server refused " + refused), Map.of());
    }

    @Override
    public boolean isCopy() {
        return true;
    }

    private boolean isCustom() throws IOException {
        try (InputStream start = Files.newInputStream(dump)) {
            return new String(start.readNBytes(CUSTOM.length()), StandardCharsets.ISO_8859_1).equals(CUSTOM);
        }
    }

    private String loadedText(Connection loading) throws IOException, SQLException {
        try (BufferedReader script = Files.newBufferedReader(dump)) {
            return ScriptLoader.load(loading, script);
        }
    }

    private String loaded(Connection loading, int major, String program, String... words)
            throws IOException, SQLException, CommandExecutionException {
        PostgresPrograms programs;
        try {
            programs = PostgresPrograms.of(major, System.getenv());
        } catch (IOException e) {
            throw new CommandExecutionException(
                    e.getMessage() + "\nOr give a dump of plain SQL, which needs neither.", e);
        }
        List<String> command = new ArrayList<>(List.of(programs.folder().resolve(program).toString(), "--no-owner",
                "--no-privileges", "--no-password"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        if (url != null) {
            builder.environment().putAll(LibpqVariables.of(url.jdbc(), url.username(), url.password()));
        }
        Process process = builder.start();
        try (BufferedReader script =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String refused = ScriptLoader.load(loading, script);
            if (process.waitFor() != 0) {
                throw new CommandExecutionException("%s ended with %d, so there is no copy. Its output may name values "
                        .formatted(program, process.exitValue()) + "and is not shown; to read it, run it by hand.");
            }
            return refused;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroy();
        }
    }
}
