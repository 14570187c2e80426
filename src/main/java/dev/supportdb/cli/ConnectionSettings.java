package dev.supportdb.cli;

import dev.supportdb.changelog.Suggestions;
import dev.supportdb.postgres.AnalyticsVariables;
import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.io.Reader;
import java.net.URLEncoder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The connection and what to build there: {@code contexts/<environment>.properties}, overridden by
 * {@code DATABASE_URL}, {@code DB_USERNAME} and {@code DB_PASSWORD} of the process, as in the Maven goals, and for the
 * second database first by {@link AnalyticsVariables}; then {@code PGPASSWORD} and the password file.
 * {@link EmbeddedLogins} has the port and the password of the embedded server.
 *
 * @param embedded whether the database is on the project's own server
 */
record ConnectionSettings(String environment, TargetDatabase target, boolean embedded) {

    private static final Set<String> KEYS =
            Set.of("changeLogFile", "url", "username", "password", "contexts", "labels", "labelFilter");
    private static final String PARAMETER = "parameter.";

    /**
     * Reads the settings of an environment.
     *
     * @param contexts the folder with a file for each environment
     * @param process  the environment variables of the process
     * @throws IllegalArgumentException if the environment does not exist, its file cannot be parsed, or a setting is
     *                                  missing, misspelt or malformed
     */
    static ConnectionSettings read(Path contexts, String environment, Map<String, String> process)
            throws IOException {
        Path file = contexts.resolve(environment + ".properties");
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("There is no environment %s in %s; there are: %s"
                    .formatted(environment, contexts, environments(contexts)));
        }
        return read(file, environment, contexts.resolveSibling(EmbeddedLogins.FOLDER), process);
    }

    /**
     * Reads a settings file from any folder. The environment is called as the file.
     *
     * @param process the environment variables of the process
     * @throws IllegalArgumentException if the file does not exist or cannot be parsed, or a setting is missing, misspelt
     *                                  or malformed
     */
    static ConnectionSettings read(Path file, Map<String, String> process) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("There is no file " + file);
        }
        return read(file, file.getFileName().toString().replaceFirst("\\.properties$", ""),
                Path.of(EmbeddedLogins.FOLDER), process);
    }

    private static ConnectionSettings read(Path file, String environment, Path server, Map<String, String> process)
            throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s cannot be parsed: %s".formatted(file, e.getMessage()), e);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is not in UTF-8", e);
        }
        checkKeys(properties, file);
        Map<String, String> variables = environment.equals(AnalyticsVariables.ENVIRONMENT)
                ? AnalyticsVariables.in(process) : process;
        String given = first(variables.get("DATABASE_URL"));
        DatabaseUrl url = given == null
                ? DatabaseUrl.of(required(properties, "url", file), "url in " + file)
                : DatabaseUrl.of(given, "DATABASE_URL");
        boolean embedded = given == null && EmbeddedLogins.isUsual(url.jdbc());
        EmbeddedLogins logins = embedded
                ? EmbeddedLogins.read(server).orElse(EmbeddedLogins.NONE)
                : EmbeddedLogins.NONE;
        String username = first(variables.get("DB_USERNAME"), url.username(), properties.getProperty("username"));
        // The file's password is for the file's server. For another server, libpq's sources take precedence.
        String unlikeTheFile = given == null ? null
                : LibpqVariables.password(url.jdbc(), username, variables).orElse(null);
        TargetDatabase target = new TargetDatabase(
                embedded ? logins.url(url.jdbc()) : url.jdbc(),
                username,
                first(variables.get("DB_PASSWORD"), url.password(), unlikeTheFile, properties.getProperty("password"),
                        logins.password(username)),
                required(properties, "changeLogFile", file),
                required(properties, "contexts", file),
                first(properties.getProperty("labelFilter"), properties.getProperty("labels")),
                parameters(properties));
        return new ConnectionSettings(environment, target, embedded);
    }

    /** The same settings with another label filter. */
    ConnectionSettings withLabels(String filter) {
        return new ConnectionSettings(environment, target.withLabels(filter), embedded);
    }

    /** The host, the port and the database. */
    String address() {
        return target.url().replaceFirst("^jdbc:postgresql://", "").replaceFirst("[?].*", "");
    }

    /**
     * Returns the psql command for this database, to be pasted. It never contains the password: for the embedded server
     * it names the file that psql reads.
     */
    String psql(String... options) {
        String user = target.username() == null ? ""
                : URLEncoder.encode(target.username(), StandardCharsets.UTF_8).replace("+", "%20") + "@";
        return ShellWords.of(Stream.of(
                Stream.of("PGPASSFILE=" + embeddedPasswords().toAbsolutePath()).filter(file -> embedded),
                Stream.of("psql", "postgresql://" + user + address()), Stream.of(options)).flatMap(words -> words));
    }

    /** The file with the passwords of the embedded server. */
    static Path embeddedPasswords() {
        return EmbeddedLogins.file(CallingFolder.ofProject(EmbeddedLogins.FOLDER));
    }

    private static String environments(Path contexts) throws IOException {
        try (Stream<Path> files = Files.list(contexts)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".properties"))
                    .map(name -> name.replaceFirst("\\.properties$", ""))
                    .sorted()
                    .collect(Collectors.joining(", "));
        }
    }

    /**
     * Refuses keys that would be ignored and were not meant to be: settings of a run, and misspelt keys. Other unknown
     * keys may be those of Maven goals.
     */
    private static void checkKeys(Properties properties, Path file) {
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (key.startsWith("supportdb.") || key.startsWith("liquibase.")) {
                String variable = key.replaceAll("([a-z])([A-Z])", "$1_$2").replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
                throw new IllegalArgumentException(("%s has the key %s, a setting of a run, which has no effect there. "
                        + "Set it in the environment, as %s=…, and for a Maven goal as -D%s=…")
                        .formatted(file, key, variable, key));
            }
            List<String> near = KEYS.contains(key) || key.startsWith(PARAMETER) ? List.of() : Suggestions.to(key, KEYS);
            if (!near.isEmpty()) {
                throw new IllegalArgumentException("%s has the unknown key %s. Nearest: %s"
                        .formatted(file, key, String.join(", ", near)));
            }
        }
    }

    private static String required(Properties properties, String key, Path file) {
        String value = first(properties.getProperty(key));
        if (value == null) {
            throw new IllegalArgumentException("%s has no %s".formatted(file, key));
        }
        return value;
    }

    /**
     * Returns the first value that is set. An empty variable counts as not set, because make and CI systems pass on
     * unset variables as empty.
     */
    private static String first(String... values) {
        return Stream.of(values).filter(value -> value != null && !value.isBlank()).findFirst().orElse(null);
    }

    private static Map<String, String> parameters(Properties properties) {
        Map<String, String> parameters = new HashMap<>();
        for (String key : properties.stringPropertyNames()) {
            if (key.startsWith(PARAMETER)) {
                parameters.put(key.substring(PARAMETER.length()), properties.getProperty(key));
            }
        }
        return parameters;
    }
}
