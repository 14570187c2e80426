package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.DocumentationPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.configuration.LiquibaseConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page of the commands lists every setting and every variable that is read, and no other. */
final class SettingsPageTest {

    private static final Pattern VARIABLE = Pattern.compile(
            "(?:getenv\\(|getOrDefault\\(|[a-z]\\.get\\(|take\\()\"([A-Z_]+)\""
            + "|\\$\\{env:([A-Z_]+)}|env\\.([A-Z_]+)|\"(PG(?:PASS|SSL)[A-Z]+)\"|\\$\\{(JAVA_HOME)");

    private String page;

    @BeforeEach
    void read() throws IOException {
        page = Files.readString(Path.of("docs/commands.md"));
    }

    @Test
    void lists_every_setting() {
        assertThat(named("`(supportdb\\.[a-z.-]+)`")).isEqualTo(names());
    }

    /** The settings, as they are written on the page. */
    static Set<String> names() {
        return settings().map(ConfigurationDefinition::getKey).map(SettingsPageTest::dashed)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The environment variables of the page's table. */
    static Set<String> variables() throws IOException {
        String table = DocumentationPage.of("docs/commands.md").between("\n| variable |", "\n| setting |").text();
        return Pattern.compile("`([A-Z_]{2,})`").matcher(table.replaceAll("(?m)^(\\|[^|]*).*", "$1")).results()
                .map(found -> found.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void lists_every_variable() throws IOException {
        Set<String> read = new TreeSet<>(Set.of("PGPASSFILE", "ENV", "LABELS", "MAVEN_OPTS"));
        for (Path file : sources()) {
            VARIABLE.matcher(Files.readString(file)).results()
                    .flatMap(found -> Stream.of(1, 2, 3, 4, 5).map(found::group).filter(name -> name != null))
                    // PATH is read to find squawk, and is no setting.
                    .filter(name -> !name.equals("PATH")).forEach(read::add);
        }

        assertThat(named("`([A-Z_]{2,})`")).containsAll(read);
        assertThat(read).contains("DATABASE_URL", "SCRATCH_URL", "PGSSLMODE", "TEST_DATABASE_USERNAME", "CI");
    }

    /** A value that is no number is refused with the name of its setting, whatever it is. */
    @Test
    void every_setting_takes_a_hostile_value_or_refuses_it_by_name() {
        List<ConfigurationDefinition<?>> numbers = settings().filter(setting -> setting.getDataType() != String.class
                && setting.getDataType() != Boolean.class).toList();
        assertThat(numbers).hasSizeGreaterThan(5);
        for (ConfigurationDefinition<?> setting : numbers) {
            for (String value : HostileValues.all()) {
                if (!value.isBlank()) {
                    assertThatThrownBy(() -> Scope.child(setting.getKey(), value, () -> setting.getCurrentValue()))
                            .as("%s=%s", setting.getKey(), value)
                            .hasMessageContaining(dashed(setting.getKey())).hasMessageContaining(" must be ");
                }
            }
        }
    }

    private static Stream<ConfigurationDefinition<?>> settings() {
        return Scope.getCurrentScope().getSingleton(LiquibaseConfiguration.class)
                .getRegisteredDefinitions(false).stream().filter(setting -> setting.getKey().startsWith("supportdb."));
    }

    private static String dashed(String key) {
        return key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private Set<String> named(String pattern) {
        return Pattern.compile(pattern).matcher(page).results().map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Stream.of("src/main/java", "src/bench/java", "src/test/java/dev/supportdb/support")
                .flatMap(SettingsPageTest::walk)) {
            return Stream.concat(files.filter(file -> file.toString().endsWith(".java")),
                    Stream.of("pom.xml", "supportdb").map(Path::of)).toList();
        }
    }

    private static Stream<Path> walk(String folder) {
        try {
            return Files.walk(Path.of(folder));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
