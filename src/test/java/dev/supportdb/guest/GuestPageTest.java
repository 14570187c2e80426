package dev.supportdb.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page "Run it from your application" does what it says. What needs Spring Boot or a packaged jar is done by
 * {@link SpringBootGuests} and {@link MavenGuests}, its last block by {@link GuestTest}.
 */
final class GuestPageTest {

    private static final String TEST = """
            import java.sql.Connection;
            import liquibase.Contexts;
            import liquibase.LabelExpression;
            import liquibase.Liquibase;
            import liquibase.database.jvm.JdbcConnection;
            import liquibase.resource.ClassLoaderResourceAccessor;
            import org.postgresql.ds.PGSimpleDataSource;

            class Example {
                public static void main(String[] arguments) throws Exception {
                    PGSimpleDataSource dataSource = new PGSimpleDataSource();
                    dataSource.setURL(arguments[0]);
                    dataSource.setUser(arguments[1]);
                    dataSource.setPassword(System.getenv("PASSWORD"));
            %s
                }
            }
            """;

    @TempDir
    private Path folder;

    @Test
    void every_block_is_tried() throws Exception {
        assertThat(GuestPage.languages()).containsExactly("xml", "xml", "properties", "sh", "java", "yaml", "sql");
    }

    @Test
    void the_dependency_is_this_project() throws Exception {
        String pom = Files.readString(Path.of("pom.xml"));
        Matcher coordinates = Pattern.compile("<(groupId|artifactId|version)>[^<]*</\\1>")
                .matcher(GuestPage.block("Maven", "xml").replaceFirst("(?s).*<dependency>", ""));

        assertThat(coordinates.results().map(found -> found.group())).hasSize(3)
                .allMatch(line -> pom.contains("\n  " + line + "\n"));
        assertThat(words(GuestPage.block("Maven", "xml"))).contains(words(first("xml")));
    }

    /** The version is checked as well; the project is tried with several. */
    @Test
    void the_plugin_is_that_of_the_application_that_is_tried() throws Exception {
        String pom = Files.readString(Path.of("pom.xml"));
        Matcher version = Pattern.compile("<liquibase.version>(.*?)</").matcher(pom);
        assertThat(version.find()).isTrue();

        assertThat(words(Files.readString(GuestProject.FOLDER.resolve("pom.xml"))))
                .contains(words(GuestPage.block("Maven", "xml").replace(version.group(1), "${liquibase.version}")));
    }

    private static String first(String language) throws Exception {
        Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(GuestPage.text());
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    private static String words(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    @Test
    void a_test_makes_the_database_of_the_jar() throws Exception {
        List<String> libraries = GuestProcess.libraries();
        Path source = Files.writeString(folder.resolve("Example.java"),
                TEST.formatted(GuestPage.block("Tests", "java")));
        GuestProcess.compile(source, libraries, folder.resolve("classes"));
        try (TestDatabase database = Databases.empty()) {
            List<String> classPath = Stream.concat(Stream.of(folder.resolve("classes").toString()),
                    GuestProcess.withJar(libraries).stream()).toList();
            GuestProcess.java(classPath, Map.of("PASSWORD", database.password()),
                    List.of("Example", database.url(), database.username())).done();

            assertThat(database.count("select count(*) from databasechangelog where id ~ '^024_'")).isPositive();
            assertThat(database.count("select count(*) from tickets")).isZero();
        }
    }

    /** The files that it includes are those of the application that is tried. */
    @Test
    void a_changelog_of_your_own_asks_for_the_rules() throws Exception {
        Path own = Files.createDirectories(folder.resolve("db/changelog"));
        Path orders = GuestProject.FOLDER.resolve("resources/db/changelog/001_orders.yaml");
        Files.copy(orders, own.resolve(orders.getFileName()));
        Files.writeString(folder.resolve("root.yaml"), GuestPage.block("A changelog of your own", "yaml"));
        try (TestDatabase database = Databases.empty()) {
            List<String> run = List.of(RunLiquibase.class.getName(), folder.toString(), "root.yaml", database.url(),
                    database.username());
            Map<String, String> password = Map.of("PASSWORD", database.password());
            List<String> classPath = GuestProcess.withJar(GuestProcess.libraries());

            GuestProcess refused = GuestProcess.java(classPath, password, with(run, "nosuch"));
            assertThat(refused.exitCode()).isNotZero();
            assertThat(refused.output()).contains("There is no label 'nosuch'");
            GuestProcess.java(classPath, password, with(run, "")).done();

            assertThat(database.count("select count(*) from orders")).isEqualTo(1000);
            assertThatThrownBy(() -> database.count("select count(*) from tickets")).hasMessageContaining("tickets");
        }
    }

    private static List<String> with(List<String> words, String last) {
        return Stream.concat(words.stream(), Stream.of(last)).toList();
    }
}
