package dev.supportdb.cli;

import static dev.supportdb.support.TinyChangelog.backfill;
import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.deploy.RunRecord;
import dev.supportdb.postgres.Json;
import dev.supportdb.support.ChangelogFolder;
import dev.supportdb.support.Databases;
import dev.supportdb.support.DocumentationPage;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import picocli.CommandLine;

/**
 * Checks that everything stays that other people's programs rely on: commands and their options, columns and functions
 * of the engine, settings, environment variables and the fields of every {@code --json}. More may be added. The main
 * method writes the list again, at a release.
 */
final class FrozenInterfaceTest {

    private static final Path LIST = Path.of("src/test/resources/dev/supportdb/frozen-interface.txt");

    /** Fields of a trace below which the names are those of tables, indexes and settings of the server. */
    private static final Set<String> KEYED_BY_NAMES =
            Set.of("locks", "rowsRead", "pagesRead", "rowsChanged", "rowsInserted", "indexBytes", "settings");

    @TempDir
    private Path folder;

    public static void main(String... arguments) throws Exception {
        Path folder = Files.createTempDirectory("frozen");
        Files.write(LIST, lines(folder));
        System.exit(0); // Also ends the server of the tests.
    }

    @Test
    void every_frozen_name_still_exists() throws Exception {
        assertThat(lines(folder)).as("frozen since a release: more may be added, nothing renamed or taken away")
                .containsAll(Files.readAllLines(LIST));
    }

    @Test
    void every_command_with_json_is_on_the_list() throws Exception {
        Set<String> commands = new TreeSet<>();
        Files.readAllLines(LIST).stream().filter(line -> line.startsWith("json "))
                .forEach(line -> commands.add(line.substring("json ".length(), line.indexOf(": "))));

        assertThat(commands).containsExactlyInAnyOrderElementsOf(ExitCodesTest.leaves(Main.commands(Map.of()))
                .filter(command -> command.getCommandSpec().optionsMap().containsKey("--json"))
                .map(ExitCodesTest::path).toList());
    }

    private static Set<String> lines(Path folder) throws Exception {
        Set<String> lines = new TreeSet<>();
        SettingsPageTest.names().forEach(name -> lines.add("setting " + name));
        SettingsPageTest.variables().forEach(name -> lines.add("variable " + name));
        ExitCodesTest.leaves(Main.commands(Map.of())).forEach(command -> lines.addAll(typed(command)));
        try (TestDatabase head = Databases.at(MigrationState.head())) {
            lines.addAll(engine(head));
        }
        for (Map.Entry<String, String> output : outputs(folder).entrySet()) {
            // A CommandRun also has standard error, with the progress.
            Matcher json = Pattern.compile("(?ms)^[\\[{].*").matcher(output.getValue());
            assertThat(json.find()).as("%s printed %s", output.getKey(), output.getValue()).isTrue();
            collect(new Yaml(new SafeConstructor(new LoaderOptions())).load(json.group()),
                    "json " + output.getKey() + ": ", lines);
        }
        return lines;
    }

    /** A command and its options, each with whether it takes a value. */
    private static List<String> typed(CommandLine command) {
        String path = ExitCodesTest.path(command);
        List<String> lines = new ArrayList<>(List.of("command " + path));
        command.getCommandSpec().options().stream().filter(option -> !option.hidden()).forEach(option ->
                Stream.of(option.names()).forEach(name -> lines.add("option %s %s%s".formatted(path, name,
                        option.arity().max() == 0 ? "" : option.arity().min() == 0 ? "[=…]" : "=…"))));
        return lines;
    }

    /** Reads the columns and functions at the head, because a later changeset could have changed them. */
    private static List<String> engine(TestDatabase head) throws Exception {
        return head.texts("""
                select format('%s %s.%s %s', case c.relkind when 'v' then 'view' else 'table' end, c.relname, a.attname,
                    format_type(a.atttypid, a.atttypmod))
                from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') and c.relname in
                    ('backfills', 'backfill_ranges', 'backfill_progress', 'old_shapes', 'old_shape_writes')
                union all
                select format('function %s returns %s', oid::regprocedure, prorettype::regtype) from pg_proc
                where proname in ('current_backfill', 'note_old_shape_write')
                """);
    }

    /** The JSON of each command that has any, of a database with as much to report as possible. */
    private static Map<String, String> outputs(Path folder) throws Exception {
        Map<String, String> outputs = new TreeMap<>();
        ChangelogFolder files = new ChangelogFolder(folder).feature("main/001_a").feature("reporting/002_b");
        Files.copy(Path.of("changelog/template.yaml"), folder.resolve("changelog/template.yaml"));
        files.write("contexts/dev.properties", """
                changeLogFile=%s
                url=jdbc:postgresql://127.0.0.1:1/none
                contexts=dev
                """.formatted(ChangelogFolder.MASTER));
        outputs.put("merge", CommandRun.in(folder, "merge", "main", "reporting", "-m", "both", "--json").output());
        outputs.put("revision", CommandRun.in(folder, "revision", "more", "--json").output());
        outputs.put("lint", CommandRun.in(folder, "lint", "--json").output());
        outputs.put("runs", Json.of(List.of(RunsCommand.map(new RunRecord(Instant.EPOCH, Instant.EPOCH, "", "", "", "",
                "", "", "", "done", 0, "", null)))));
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            database.execute("""
                    delete from databasechangelog where id like '028_customer_score-05%';
                    create index ix_by_hand on tickets (updated_at);
                    insert into databasechangelog
                    select '002_sla_fields-09-gone', author, filename, dateexecuted, 99, exectype, md5sum, description
                    from databasechangelog where id like '002_sla_fields-04%'
                    """);
            for (String typed : List.of("current", "branches", "heads", "history", "show 016", "backfills", "check")) {
                outputs.put(typed.split(" ")[0], CommandRun.on(database, (typed + " --json").split(" ")).output());
            }
        }
        outputs.put("trace", trace(Files.createDirectory(folder.resolve("traced"))));
        FleetTrial fleet = FleetTrial.ofProject(folder.resolve("fleet"), "create table one ()", "create table two ()");
        try (TestDatabase database = Databases.empty()) {
            fleet.target("one", database);
            for (String typed : List.of("status", "review --rows=200 --out=reviews", "update", "check")) {
                String[] words = (typed + " --json").split(" ");
                outputs.put("fleet " + words[0], fleet.run(database.password(), words).output());
            }
        }
        return outputs;
    }

    /** The trace of a column and its backfill, in a changelog that has nothing else but a table and the engine. */
    private static String trace(Path folder) throws Exception {
        DocumentationPage.copyChangelogTo(folder);
        String file = "main/002_weight.yaml";
        new ChangelogFolder(folder)
                .include("{file: main/000_backfill_tables.yaml, relativeToChangelogFile: true, labels: main}")
                .include("{file: %s, relativeToChangelogFile: true, labels: main}".formatted(file))
                .write("changelog/" + file, "databaseChangeLog:\n  - logicalFilePath: changelog/%s\n".formatted(file)
                        + (changeSet("002_weight-01-create_crates", "", "create table crates (id int primary key)",
                                "drop table crates")
                        + changeSet("002_weight-02-add_weight", "", "alter table crates add weight int",
                                "alter table crates drop weight")
                        + backfill("002_weight-03-fill_weight", "name: weight", "table: crates",
                                "pending: weight is null", "fill: update crates set weight = 1 where id = any(:keys)",
                                "filled: weight is not null",
                                "undo: update crates set weight = null where id = any(:keys)")).indent(2))
                .write("contexts/dev.properties", """
                        changeLogFile=%s
                        url=jdbc:postgresql://127.0.0.1:1/none
                        contexts=dev
                        """.formatted(ChangelogFolder.MASTER))
                .write("sizes.csv", "name,rows\npublic.crates,1000000\n");
        try (TestDatabase server = Databases.empty()) {
            return CommandRun.in(folder, Map.of("DATABASE_URL", CommandRun.url(server)), "trace", "002-01:002-03",
                    "--rows=200", "--sizes=sizes.csv", "--json").output();
        }
    }

    private static void collect(Object json, String path, Set<String> lines) {
        if (json instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                String there = path + (path.endsWith(": ") ? "" : ".") + name;
                lines.add(there);
                if (!(value instanceof Map && KEYED_BY_NAMES.contains(name))) {
                    collect(value, there, lines);
                }
            });
        } else if (json instanceof List<?> list) {
            list.forEach(element -> collect(element, path.endsWith(": ") ? path : path + "[]", lines));
        }
    }
}
