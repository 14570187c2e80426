package dev.supportdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that every room uses the rooms below it and no others. */
final class ArchitectureTest {

    private static final Path SOURCES = Path.of("src/main/java/dev/supportdb");

    /** The rooms whose classes a room may name. {@code cli} may name all. */
    private static final Map<String, Set<String>> ALLOWED = allowed();

    /** Arrows that are still to be removed, as {@code room/Class -> room}. */
    private static final Set<String> EXCEPTIONS = Set.of();

    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|(?m)^\\s*//.*$");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?[\\w.]+\\.(\\w+);$");
    private static final Pattern NAME = Pattern.compile("\\bdev\\.supportdb\\.([a-z]+)((?:\\.[a-z]+)*)\\.[A-Z*]");

    private static final Pattern TEXT =
            Pattern.compile("(?s)'(?:[^'\\\\]|\\\\.)'|\"\"\".*?\"\"\"|\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern CREATED = Pattern.compile("(?:create table (?:if not exists )?+(?:public\\.)?+"
            + "|createTable: *\\s*(?:- *)?\\{?\\s*tableName: *)([a-z_]+)");
    private static final Set<String> WORDS = Set.of("users", "tags", "messages", "reports");

    private static Map<String, Set<String>> allowed() {
        Map<String, Set<String>> rooms = new LinkedHashMap<>();
        rooms.put("postgres", Set.of());
        rooms.put("schema", Set.of("postgres"));
        rooms.put("objects", Set.of("postgres", "schema"));
        rooms.put("changelog", Set.of("postgres"));
        rooms.put("backfill", Set.of("postgres", "objects"));
        rooms.put("domain", Set.of("backfill"));
        rooms.put("session", Set.of("postgres", "backfill"));
        rooms.put("preflight", Set.of("postgres", "schema", "objects", "changelog", "backfill", "session"));
        rooms.put("run", and(rooms, "preflight"));
        rooms.put("embedded", Set.of("postgres"));
        rooms.put("verify", and(rooms, "run", "embedded"));
        rooms.put("review", and(rooms, "verify"));
        rooms.put("lint", Set.of("changelog", "schema", "backfill", "preflight", "postgres"));
        rooms.put("deploy", and(rooms, "review"));
        rooms.put("generate", Set.of("changelog", "schema", "backfill", "preflight", "postgres", "verify"));
        return rooms;
    }

    /** These rooms and all that they may use. */
    private static Set<String> and(Map<String, Set<String>> rooms, String... more) {
        Set<String> all = new TreeSet<>(Set.of(more));
        Stream.of(more).map(rooms::get).forEach(all::addAll);
        return all;
    }

    @Test
    void no_room_names_a_class_of_a_room_above_it() throws IOException {
        assertThat(forbidden(sources())).containsExactlyInAnyOrderElementsOf(EXCEPTIONS);
    }

    @Test
    void every_room_is_in_the_table() throws IOException {
        assertThat(sources().keySet().stream().map(ArchitectureTest::room).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(ALLOWED.keySet().stream(), Stream.of("cli")).toList());
    }

    @Test
    void the_engine_is_reached_through_the_front_door_alone() throws IOException {
        assertThat(sources().entrySet()).filteredOn(source -> !room(source.getKey()).equals("backfill"))
                .filteredOn(source -> names(source.getValue()).anyMatch(isOfTheEngine())).isEmpty();
        assertThat(names("import dev.supportdb.backfill.engine.BackfillEngine;")).allMatch(isOfTheEngine());
    }

    @Test
    void an_arrow_that_points_up_is_found() {
        assertThat(forbidden(Map.of(
                "run/Imports", "package dev.supportdb.run;\nimport dev.supportdb.verify.Rehearsal;",
                "run/Static", "import static dev.supportdb.cli.Json.text;",
                "run/All", "import dev.supportdb.verify.*;",
                "postgres/InFull", "return new dev.supportdb.backfill.engine.BackfillEngine(plan);",
                "run/Allowed", "import dev.supportdb.preflight.Preflight;",
                "run/Said", "/** As {@code dev.supportdb.verify.Rehearsal} does. */\n    // dev.supportdb.cli.Main",
                "cli/All", "import dev.supportdb.verify.Rehearsal;")))
                .containsExactlyInAnyOrder("run/Imports -> verify", "run/Static -> cli", "run/All -> verify",
                        "postgres/InFull -> backfill");
    }

    @Test
    void every_import_is_used() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
                assertThat(unused(Files.readString(file))).as(file.toString()).isEmpty();
            }
        }
        assertThat(unused("import java.util.List;\nimport java.util.Set;\n\nList<String> list;")).containsExactly("Set");
    }

    private static List<String> unused(String source) {
        String body = IMPORT.matcher(source).replaceAll("");
        return IMPORT.matcher(source).results().map(imported -> imported.group(1))
                .filter(name -> !Pattern.compile("\\b%s\\b".formatted(name)).matcher(body).find()).toList();
    }

    @Test
    void only_the_domain_names_a_table_of_the_support_schema() throws IOException {
        Set<String> tables = tables();
        assertThat(tables).contains("tickets", "ticket_comments", "users", "knowledge_base_articles", "ticket_facts");
        assertThat(sources().entrySet()).filteredOn(source -> !room(source.getKey()).equals("domain"))
                .filteredOn(source -> !namedTables(source.getValue(), tables).isEmpty()).isEmpty();
    }

    @Test
    void a_table_that_is_named_is_found() {
        Set<String> tables = Set.of("tickets", "tags", "ticket_comments");
        assertThat(namedTables("count(\"select count(*) from tags\")", tables)).containsExactly("tags");
        assertThat(namedTables("f(\"all ticket_comments\", \"of tickets\")", tables))
                .containsExactlyInAnyOrder("tickets", "ticket_comments");
        assertThat(namedTables("f(\"\"\"\n    update tags\n    set x = 1\"\"\")", tables)).containsExactly("tags");
        assertThat(namedTables("/** from tickets */ List<String> tags = f(\"no such tags\");", tables)).isEmpty();
    }

    /** Tables of both changelogs but those of main/000, which every team has. */
    private static Set<String> tables() throws IOException {
        Set<String> tables = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("changelog"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                CREATED.matcher(Files.readString(file)).results().map(created -> created.group(1)).forEach(tables::add);
            }
        }
        tables.removeIf(table -> table.startsWith("backfill") || table.startsWith("old_shape"));
        return tables;
    }

    /** Finds tables in texts only; a table whose name is a word, such as tags, only where SQL has a table. */
    private static Set<String> namedTables(String source, Set<String> tables) {
        String texts = TEXT.matcher(COMMENT.matcher(source).replaceAll("")).results()
                .map(MatchResult::group).collect(Collectors.joining("\n"));
        return tables.stream()
                .filter(table -> Pattern.compile((WORDS.contains(table) ? "(?:from|join|into|update|table|on) +" : "\\b")
                        + table + "\\b").matcher(texts).find())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> forbidden(Map<String, String> sources) {
        Set<String> arrows = new TreeSet<>();
        sources.forEach((name, text) -> {
            String room = room(name);
            names(text).map(found -> found.group(1))
                    .filter(other -> !room.equals("cli") && !other.equals(room))
                    .filter(other -> !ALLOWED.getOrDefault(room, Set.of()).contains(other))
                    .forEach(other -> arrows.add(name + " -> " + other));
        });
        return arrows;
    }

    private static Stream<MatchResult> names(String text) {
        return NAME.matcher(COMMENT.matcher(text).replaceAll("")).results();
    }

    private static Predicate<MatchResult> isOfTheEngine() {
        return name -> name.group(1).equals("backfill") && name.group(2).equals(".engine");
    }

    private static String room(String name) {
        return name.substring(0, name.indexOf('/'));
    }

    /** The sources by room and class, such as {@code backfill/engine/Throttle}. */
    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> java = files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
            for (Path file : java) {
                String name = SOURCES.relativize(file).toString().replace('\\', '/').replaceFirst("\\.java$", "");
                sources.put(name, Files.readString(file));
            }
        }
        return sources;
    }
}
