package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.support.DocumentationPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The pages for people who come from another tool: what stands there can be typed, and what it names is there. */
final class MappingPagesTest {

    private static final List<String> PAGES = List.of("docs/from-alembic.md", "docs/from-flyway.md");

    private static final Pattern COMMAND = Pattern.compile("`((?:make|\\./supportdb) [^`]+)`");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
    private static final Pattern FILE = Pattern.compile("`((?:changelog|contexts|docs|src)/[^`<]+)`|\\]\\(([^)#]+)");

    private static NameParser names;

    @BeforeAll
    static void read() throws LiquibaseException {
        names = new NameParser(Changelog.read(Path.of(""), "changelog/db.changelog-master.yaml", Map.of()));
    }

    static List<String> commands() throws IOException {
        List<String> commands = new ArrayList<>();
        for (String page : PAGES) {
            commands.addAll(COMMAND.matcher(DocumentationPage.of(page).text()).results().map(found -> found.group(1))
                    .toList());
        }
        assertThat(commands).hasSizeGreaterThan(40);
        return commands.stream().distinct().toList();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void each_command_can_be_typed(String command) throws Exception {
        check(command);
    }

    @Test
    void each_command_that_the_page_lists_for_programs_takes_json() throws Exception {
        Matcher sentence = Pattern.compile("`--json` gives a program what ([^.]+) have to say")
                .matcher(DocumentationPage.of(PAGES.get(0)).text());
        assertThat(sentence.find()).isTrue();
        for (MatchResult name : Pattern.compile("`(\\w+)`").matcher(sentence.group(1)).results().toList()) {
            check("./supportdb %s --json".formatted(name.group(1)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"./supportdb head", "./supportdb heads --colour=1", "./supportdb show 029", "make upgrade",
        "./supportdb sql 008:029"})
    void a_command_that_nobody_can_type_is_found(String command) {
        assertThatThrownBy(() -> check(command)).isInstanceOfAny(
                AssertionError.class, IllegalArgumentException.class, CommandLine.ParameterException.class);
    }

    @Test
    void each_file_is_there() throws IOException {
        for (String page : PAGES) {
            List<Path> files = FILE.matcher(DocumentationPage.of(page).text()).results()
                    .map(found -> found.group(1) != null
                    ? Path.of(found.group(1)) : Path.of(page).resolveSibling(found.group(2))).toList();
            assertThat(files).hasSizeGreaterThan(4).allSatisfy(file -> assertThat(file).exists());
        }
    }

    /** The launcher understands it, make has it, and its names are those of what there is. */
    private static void check(String command) throws IOException {
        List<String> words = WORD.matcher(command).results()
                .map(word -> word.group(1) != null ? word.group(1) : word.group(2)).toList();
        if (words.get(0).equals("make")) {
            assertThat(Files.readString(Path.of("Makefile"))).contains("\n%s: ".formatted(words.get(1)));
            return;
        }
        Main.commands(Map.of()).parseArgs(words.subList(1, words.size()).toArray(String[]::new));
        for (String word : words.subList(2, words.size())) {
            for (String name : word.split(":")) {
                if (name.matches("(before-)?\\d+")) {
                    assertThat(names.places(name)).isNotEmpty();
                }
            }
        }
    }
}
