package dev.supportdb.cli;

import dev.supportdb.postgres.AnalyticsVariables;
import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where to connect and what to build there: {@code contexts/<environment>.properties}, over which {@code DATABASE_URL},
 * {@code DB_USERNAME} and {@code DB_PASSWORD} of the process win, as they do in the Maven goals, and for the second
 * database {@link AnalyticsVariables} before these; then {@code PGPASSWORD} and the password file. The port and the
 * password of the embedded server are what {@link EmbeddedLogins} has.
 *
 * @param embedded whether the database is on the server that the project brings along
 */
record ConnectionSettings(String environment, TargetDatabase target, boolean embedded) {

    /**
     * Reads the settings of an environment.
     *
     * @param contexts the folder with a file for each environment
     * @param process the environment variables of the process
     * @throws IllegalArgumentException when there is no such environment or something in it is missing or malformed
     */
    static ConnectionSettings read(Path contexts, String environment, Map<String, String> process)
            throws IOException {
        Path file = contexts.resolve(environment + ".properties");
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("There is no environment %s in %s; there are: %s"
                    .formatted(environment, contexts, environments(contexts)));
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> variables = environment.equals(AnalyticsVariables.ENVIRONMENT)
                ? AnalyticsVariables.in(process) : process;
        String given = first(variables.get("DATABASE_URL"));
        DatabaseUrl url = given == null
                ? DatabaseUrl.of(required(properties, "url", file), "url in " + file)
                : DatabaseUrl.of(given, "DATABASE_URL");
        boolean embedded = given == null && EmbeddedLogins.isUsual(url.jdbc());
        EmbeddedLogins logins = embedded
                ? EmbeddedLogins.read(contexts.resolveSibling(EmbeddedLogins.FOLDER)).orElse(EmbeddedLogins.NONE)
                : EmbeddedLogins.NONE;
        String username = first(variables.get("DB_USERNAME"), url.username(), properties.getProperty("username"));
        // The file's password is for the file's server. For another, what PostgreSQL's programs take goes before it.
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

    /** The same with another label filter. */
    ConnectionSettings withLabels(String filter) {
        return new ConnectionSettings(environment, target.withLabels(filter), embedded);
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

    private static String required(Properties properties, String key, Path file) {
        String value = first(properties.getProperty(key));
        if (value == null) {
            throw new IllegalArgumentException("%s has no %s".formatted(file, key));
        }
        return value;
    }

    /** A variable that is set to nothing counts as not set: that is how make and CI systems hand on what is unset. */
    private static String first(String... values) {
        return Stream.of(values).filter(value -> value != null && !value.isBlank()).findFirst().orElse(null);
    }

    private static Map<String, String> parameters(Properties properties) {
        Map<String, String> parameters = new HashMap<>();
        for (String key : properties.stringPropertyNames()) {
            if (key.startsWith("parameter.")) {
                parameters.put(key.substring("parameter.".length()), properties.getProperty(key));
            }
        }
        return parameters;
    }
}
