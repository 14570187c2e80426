package dev.supportdb.chaos;

import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The schema of a database as lines in alphabetical order: by {@code pg_dump}, which shares nothing with this project,
 * where it is not older than the server; else by the project's own reading of the catalogue.
 */
final class SchemaLines {

    private static final int DUMPS = majorOfPgDump();
    /** A column with a collation, and an index with options. */
    private static final Pattern WITH_SETTING = Pattern.compile("(?<name>\\S+)(?<before> [^;]*)(?<setting> COLLATE [^ ;]+)"
            + "|(?<create>CREATE (?:UNIQUE )?INDEX (?<index>\\S+) .*)(?<options> WITH \\([^)]*\\))(?<end>.*)");

    private SchemaLines() {
    }

    static List<String> of(TestDatabase database) throws SQLException, IOException, InterruptedException {
        long server = database.count("select current_setting('server_version_num')::int / 10000");
        return (server <= DUMPS ? dumped(database) : read(database)).map(SchemaLines::read).sorted().toList();
    }

    /** Returns the line as the server writes it after it has read it once: a list of values changes its form. */
    private static String read(String line) {
        return line.contains("ARRAY[") ? line.replaceAll("::[a-z]+( varying)?(\\[\\])?|[()]", "") : line;
    }

    private static Stream<String> read(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect()) {
            return SchemaFingerprint.of(connection).objects().entrySet().stream()
                    .flatMap(object -> object.getValue().facts().stream()
                            .map(fact -> "%s: %s %s".formatted(object.getKey(), fact.aspect(), fact.value())));
        }
    }

    private static Stream<String> dumped(TestDatabase database) throws IOException, InterruptedException {
        ProcessBuilder dump = new ProcessBuilder("pg_dump", "--schema-only", "-T", "databasechangelog*",
                "-U", database.username(), "-d", database.url().replaceFirst("^jdbc:", "").replaceFirst("[?].*", ""));
        dump.environment().put("PGPASSWORD", String.valueOf(database.password()));
        String text = output(dump);
        return text.lines().filter(line -> !line.isBlank() && !line.startsWith("--") && !line.startsWith("\\"))
                .map(line -> line.replaceFirst(",$", "").strip()).flatMap(SchemaLines::settingApart);
    }

    /**
     * Takes a setting out of the line that also defines its object: the changelog may change the default of a column or
     * the predicate of an index, while somebody's collation or options stay.
     */
    private static Stream<String> settingApart(String line) {
        Matcher object = WITH_SETTING.matcher(line);
        if (!object.matches()) {
            return Stream.of(line);
        }
        return object.group("index") == null
                ? Stream.of(object.group("name") + object.group("before"), object.group("name") + object.group("setting"))
                : Stream.of(object.group("create") + object.group("end"),
                        object.group("index") + object.group("options"));
    }

    private static String output(ProcessBuilder command) throws IOException, InterruptedException {
        Process process = command.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command.command()) + " failed");
        }
        return text;
    }

    private static int majorOfPgDump() {
        try {
            Matcher version = Pattern.compile("\\) (\\d+)").matcher(output(new ProcessBuilder("pg_dump", "--version")));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException | InterruptedException notInstalled) {
            return 0;
        }
    }

    /** Returns the lines of the first list that the second lacks, as often as it lacks them. */
    static List<String> minus(List<String> lines, List<String> others) {
        List<String> left = new ArrayList<>(lines);
        others.forEach(left::remove);
        return left;
    }
}
