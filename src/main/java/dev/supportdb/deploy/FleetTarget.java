package dev.supportdb.deploy;

import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.PrintableText;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * One of several databases that one command migrates: a settings file, as in {@code contexts/}.
 *
 * @param name    the name of the file, without its extension
 * @param refused why it is skipped; empty if it can be migrated
 */
public record FleetTarget(String name, Path file, Optional<String> refused) {

    private static final String ENDING = ".properties";

    private static final String SCHEMA = "names a schema: a tenant has a database of its own, for types, functions and "
            + "the search path of its sessions belong to the schema public";

    /**
     * Reads files, and all files of a folder in the order of their names.
     *
     * @throws IllegalArgumentException if there is none, or if two have the same name
     */
    public static List<FleetTarget> of(List<Path> places) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path place : places) {
            if (Files.isDirectory(place)) {
                try (Stream<Path> inside = Files.list(place)) {
                    inside.filter(file -> file.toString().endsWith(ENDING)).sorted().forEach(files::add);
                }
            } else if (!place.toString().endsWith(ENDING) || !Files.isRegularFile(place)) {
                throw new IllegalArgumentException("%s is neither a folder nor a file of settings such as "
                        .formatted(place) + "contexts/staging.properties");
            } else {
                files.add(place);
            }
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException("There is no *%s in %s".formatted(ENDING, places));
        }
        List<FleetTarget> targets = new ArrayList<>();
        Map<String, Path> names = new HashMap<>();
        Map<String, String> databases = new HashMap<>();
        for (Path file : files) {
            String name = PrintableText.line(file.getFileName().toString().replaceFirst("\\.properties$", ""));
            Path other = names.put(name, file);
            if (other != null) {
                throw new IllegalArgumentException("%s and %s have the same name, by which a target is known. Nothing was "
                        .formatted(other, file) + "done. Rename one of them.");
            }
            targets.add(new FleetTarget(name, file, refusal(file, name, databases)));
        }
        return targets;
    }

    private static Optional<String> refusal(Path file, String name, Map<String, String> databases) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
            DatabaseUrl url = DatabaseUrl.of(properties.getProperty("url", ""), "url in " + file);
            if (url.hasPassword() || properties.containsKey("password")) {
                return Optional.of("has a password in its file: leave it to DB_PASSWORD or a password file");
            }
            if (url.setsSchema() || properties.containsKey("parameter.supportdb.schema")) {
                return Optional.of(SCHEMA);
            }
            return Optional.ofNullable(databases.putIfAbsent(url.place(), name))
                    .map("is the same database as "::concat);
        } catch (CharacterCodingException e) {
            return Optional.of(file + " is not in UTF-8");
        } catch (IOException e) {
            return Optional.of("%s cannot be read: %s".formatted(file, e.getClass().getSimpleName()));
        } catch (IllegalArgumentException e) {
            // The failure is about the address, or about an invalid escape, whose message does not name the file.
            return Optional.of(e.getMessage().contains(file.toString()) ? e.getMessage()
                    : "%s cannot be read: %s".formatted(file, e.getMessage()));
        }
    }
}
