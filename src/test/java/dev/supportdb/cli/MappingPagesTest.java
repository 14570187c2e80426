package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.NameParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    private static final Pattern COMMAND = Pattern.compile("`(make [^`]+)`");
    private static final Pattern GIVEN = Pattern.compile(" ([\\w-]+)=(?:\"([^\"]*)\"|(\\S+))");
    private static final Pattern FILE = Pattern.compile("`((?:changelog|contexts|docs|src)/[^`<]+)`|\\]\\(([^)#]+)");

    /** In place of a program: one argument a line. */
    private static final String PRINT = "printf '%s\\n'";

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
    void what_a_program_reads_is_said_to_it() throws Exception {
        Matcher sentence = Pattern.compile("`JSON=1` gives a program what ([^.]+) have to say")
                .matcher(DocumentationPage.of(PAGES.get(0)).text());
        assertThat(sentence.find()).isTrue();
        for (MatchResult name : Pattern.compile("`(\\w+)`").matcher(sentence.group(1)).results().toList()) {
            assertThat(check("make %s JSON=1".formatted(name.group(1)))).contains("--json");
        }
    }

    private static void assertDone(CommandRun run) {
        assertThat(run.exitCode()).as(run.output()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"make head", "make heads colour=1", "make show to=029", "make"})
    void a_command_that_nobody_can_type_is_found(String command) {
        assertThatThrownBy(() -> check(command)).isInstanceOfAny(
                AssertionError.class, IllegalArgumentException.class, CommandLine.ParameterException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"make upgrade 016", "make upgrade To=016", "make upgrade stpes=1", "make upgrade to=",
        "make update to=016", "make rollback steps=3", "make update COUNT=1", "make current check=0",
        "make upgrade to='016\n017'", "make rollback COUNT=all"})
    void a_command_that_would_go_further_than_was_meant_does_nothing(String command) throws Exception {
        CommandRun made = make(command);
        assertThat(made.exitCode()).isEqualTo(2);
        assertThat(made.output()).startsWith("Makefile:").doesNotContain("--env");
    }

    @ParameterizedTest
    @ValueSource(strings = {"show to=", "upgrade to=", "upgrade to=016 LABELS=", "downgrade branch=", "stamp to=",
        "sql from=", "history r=", "revision m=", "backfill-pause NAME=", "rollback DISCARD="})
    void a_word_comes_to_the_command_as_it_was_typed(String command) throws Exception {
        assertThat(arguments("make " + command + "\"it's; \\$(pwd) \\$(shell touch target/typed)\""))
                .anyMatch(argument -> argument.endsWith("it's; $(pwd) $(shell touch target/typed)"));
        assertThat(Path.of("target/typed")).as("what make would have run").doesNotExist();
    }

    @Test
    void a_word_that_is_only_in_the_environment_is_none() throws Exception {
        assertThat(make("env to=016 force=1 make stamp to=heads").output()).contains("heads")
                .doesNotContain("016", "force");
        assertThat(make("env DISCARD=all make rollback").output()).contains("rollbackCount").doesNotContain("discard");
        assertThat(make("make rollback DISCARD=all").output()).contains("rollback.discard=all");
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

    /** What make hands to the command: understood by it, other without each word, and with names of what there is. */
    private static List<String> check(String command) throws IOException, InterruptedException {
        List<String> arguments = arguments(command);
        if (!arguments.get(0).equals("compile")) {
            Main.commands(Map.of()).parseArgs(arguments.toArray(String[]::new));
        }
        for (MatchResult given : GIVEN.matcher(command).results().toList()) {
            assertThat(make(command.replace(given.group(), ""))).as(given.group()).isNotEqualTo(make(command));
            if (Set.of("to", "from").contains(given.group(1))) {
                assertThat(names.places(given.group(3))).isNotEmpty();
            }
        }
        return arguments;
    }

    private static List<String> arguments(String command) throws IOException, InterruptedException {
        CommandRun made = make(command);
        assertDone(made);
        return made.output().lines().toList();
    }

    private static CommandRun make(String command) throws IOException, InterruptedException {
        ProcessBuilder make = new ProcessBuilder("sh", "-c", command + " -s -o tools -o target/classpath "
                + "-o target/models/classpath cli=\"$PRINT\" models=\"$PRINT\" MVN=\"$PRINT\"")
                .redirectErrorStream(true);
        make.environment().put("PRINT", PRINT);
        Process process = make.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new CommandRun(process.waitFor(), output);
    }
}
