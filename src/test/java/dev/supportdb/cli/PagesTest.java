package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.DocumentationPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * Checks that every page can be followed: its links lead somewhere, and its commands are understood as they are typed
 * there.
 */
final class PagesTest {

    /** Programs of the launcher that are compiled apart, with options of their own. */
    private static final Set<String> PROGRAMS = Set.of("bench", "chaos", "test");

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            return Stream.concat(Stream.of("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md",
                            "SECURITY.md").map(Path::of),
                    docs.filter(file -> file.toString().endsWith(".md")).sorted().toList().stream());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void its_links_lead_somewhere(Path page) throws IOException {
        assertThat(broken(page, Files.readString(page))).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void its_commands_are_understood(Path page) throws IOException {
        assertThat(misunderstood(Files.readString(page))).isEmpty();
    }

    @Test
    void a_link_that_leads_nowhere_is_noticed() throws IOException {
        assertThat(broken(Path.of("README.md"), "[a](docs/none.md), [b](docs/review.md#none), [c](docs/review.md)"))
                .containsExactly("docs/none.md", "docs/review.md#none");
        assertThat(misunderstood("`./supportdb lints`, `make tset`, `./supportdb upgrade 016`\n./supportdb current --chek\n"
                + "`./supportdb revision \"two words\"`, `./supportdb lint --help`")).containsExactly("./supportdb lints",
                "./supportdb current --chek", "make tset");
    }

    private static List<String> broken(Path page, String text) throws IOException {
        List<String> broken = new ArrayList<>();
        for (String link : Pattern.compile("\\]\\(([^)\\s]+)\\)").matcher(text).results().map(found -> found.group(1))
                .filter(link -> !link.contains("://")).toList()) {
            String[] parts = link.split("#", 2);
            Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
            if (!Files.exists(target) || parts.length == 2 && !anchors(target).contains(parts[1])) {
                broken.add(link);
            }
        }
        return broken;
    }

    /** The anchors as the forges make them from headings. */
    private static List<String> anchors(Path page) throws IOException {
        return Files.readAllLines(page).stream().filter(line -> line.matches("#+ .*"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).replaceAll("[^\\w -]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static List<String> misunderstood(String text) throws IOException {
        List<String> misunderstood = new ArrayList<>();
        for (String typed : Pattern.compile("(?m)(?:`|^(?:   |[$] )?)(\\./supportdb [a-z-][^`\n|;>&]*)").matcher(text)
                .results().map(found -> found.group(1).replaceFirst(" +#.*", "").strip()).distinct().toList()) {
            List<String> words = words(typed.substring("./supportdb ".length()));
            if (!PROGRAMS.contains(words.get(0)) && !isUnderstood(words)) {
                misunderstood.add(typed);
            }
        }
        String makefile = Files.readString(Path.of("Makefile"));
        new DocumentationPage(text).targets().stream().distinct()
                .filter(target -> !makefile.contains("\n" + target + ": ")).forEach(target ->
                        misunderstood.add("make " + target));
        return misunderstood;
    }

    private static boolean isUnderstood(List<String> words) {
        try {
            CommandLine commands = Main.commands(Map.of());
            commands.parseArgs(words.toArray(String[]::new));
            return true;
        } catch (CommandLine.MissingParameterException e) {
            // A sentence may name a command without its arguments.
            return words.size() == 1;
        } catch (CommandLine.ParameterException e) {
            return false;
        }
    }

    /** Splits words as a shell does. */
    private static List<String> words(String typed) {
        return Pattern.compile("(?:[^\\s\"']|\"[^\"]*\"|'[^']*')+").matcher(typed).results()
                .map(word -> word.group().replaceAll("[\"']", "")).toList();
    }
}
