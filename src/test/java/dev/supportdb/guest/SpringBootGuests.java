package dev.supportdb.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The application in {@code src/guest}, started for real, with the Spring Boot that Maven gets. Not one of the suite,
 * for it downloads that: {@code mvn package -DskipTests}, then {@code mvn surefire:test -Dtest=SpringBootGuests}.
 */
final class SpringBootGuests {

    private static final String RESOURCES = GuestProject.FOLDER.resolve("resources").toString();
    private static final String OF_3_5 = "-Dboot.version=3.5.8 -Dboot.liquibase=spring-boot-starter";
    private static final String CHANGELOG = "--spring.liquibase.change-log=classpath:db/changelog/";
    private static final String MASTER = CHANGELOG + "db.changelog-master.yaml";
    private static final String LEFT = CHANGELOG + "after-leaving.yaml";

    private static GuestProject project;

    @TempDir
    private Path folder;

    private final Map<String, String> variables = new HashMap<>();

    private TestDatabase database;

    @BeforeAll
    static void provide() throws Exception {
        project = GuestProject.of(SpringBootGuests.class);
    }

    @BeforeEach
    void makeDatabase() throws Exception {
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @ParameterizedTest
    @CsvSource({"-Dboot.version=4.0.9", OF_3_5 + " -Dliquibase.version=4.33.0"})
    void an_application_has_its_pool_as_it_was_and_can_leave_again(String versions) throws Exception {
        List<String> libraries = libraries(versions + " -Psupport-db");
        database.execute("alter database %s set lock_timeout = '7s'".formatted(database.name()));

        String first = start(libraries, MASTER).done();
        assertThat(first.lines().filter(line -> line.startsWith("session: "))).as(first).hasSize(2)
                .allMatch(line -> line.equals("session: %s %1$s public application_name=PostgreSQL JDBC Driver true"
                        .formatted(database.username())));
        assertThat(database.texts("select id from databasechangelog where author = 'shop' order by orderexecuted"))
                .containsExactly("001-create-orders", "002-add-total", "002-fill-total");
        assertThat(database.count("select count(*) from orders where total = 6")).isEqualTo(1000);
        assertThat(start(libraries, MASTER).done()).as("a second start").contains("session: ");

        assertThat(start(libraries(versions), LEFT).done()).contains("session: ");
        assertThat(database.texts("select id from databasechangelog where author = 'shop' order by orderexecuted"))
                .containsExactly("001-create-orders", "002-add-total", "002-fill-total", "003-create-returns");
    }

    /** Nothing that only the commands of this project need. */
    @Test
    void the_jar_brings_liquibase_and_the_driver_alone() throws Exception {
        List<String> without = libraries("-Dboot.version=4.0.9");

        assertThat(libraries("-Dboot.version=4.0.9 -Psupport-db")).containsAll(without)
                .filteredOn(file -> !without.contains(file)).singleElement().asString().contains("/support-db-");
    }

    /** By the settings of the page, first without what may take long; this server has no pgvector. */
    @Test
    void the_changelog_of_the_jar_is_run_by_a_user_of_its_own() throws Exception {
        String settings = GuestPage.block("Spring Boot", "properties");
        Matcher filter = Pattern.compile("`(spring\\.liquibase\\.label-filter=[^`]+)`").matcher(GuestPage.text());
        assertThat(filter.find()).isTrue();
        List<String> libraries = libraries("-Dboot.version=4.0.9 -Psupport-db");
        try (TestRole owner = TestRole.in(database, "owner")
                .with("alter database %s owner to ROLE".formatted(database.name()))) {
            assertThat(settings).contains("user=support_owner\n");
            Path page = Files.writeString(folder.resolve("page.properties"),
                    settings.replace("support_owner", owner.name()));
            variables.put("MIGRATION_PASSWORD", owner.database().password());
            String ofPage = "--spring.config.additional-location=file:" + page;

            start(libraries, ofPage, "--" + filter.group(1) + " and !vector").done();
            assertThat(isFilled(owner)).isFalse();
            start(libraries, ofPage, "--spring.liquibase.label-filter=!vector").done();

            assertThat(isFilled(owner)).isTrue();
            assertThat(database.count("select count(*) from tickets")).isZero();
        }
    }

    private boolean isFilled(TestRole owner) throws Exception {
        assertThat(database.text("select tableowner from pg_tables where tablename = 'tickets'"))
                .isEqualTo(owner.name());
        return database.count("select count(*) from databasechangelog where id ~ 'fill_computed_score'") == 1;
    }

    @Test
    void an_older_liquibase_is_refused_with_what_to_do() throws Exception {
        GuestProcess run = start(libraries(OF_3_5 + " -Psupport-db"), MASTER);

        assertThat(run.output()).contains("support-db needs Liquibase 4.33 or later, and this is 4.31",
                "<liquibase.version>4.33.0</liquibase.version>").doesNotContain("session: ");
        assertThat(database.count("select count(*) from pg_tables where schemaname = 'public'")).isZero();
    }

    /** By the class that the program {@code liquibase} starts, on libraries that lie as in a distribution of it. */
    @Test
    void the_command_line_of_liquibase_goes_the_same_way() throws Exception {
        List<String> libraries = libraries("-Pcommand-line");
        Path home = folder.resolve("home");
        Files.createDirectories(home.resolve("internal/lib"));
        for (String library : libraries) {
            Files.copy(Path.of(library), home.resolve("internal/lib").resolve(Path.of(library).getFileName()));
        }
        String line = GuestPage.block("Liquibase's command line", "sh").replace("\\\n", " ");
        assertThat(line).startsWith("liquibase ").contains("--classpath=" + GuestProject.jar().getFileName(),
                "jdbc:postgresql://db.example:5432/support", "=support_owner");
        List<String> words = new ArrayList<>(List.of(line.strip()
                .replace("--classpath=", "--classpath=" + GuestProject.jar().toAbsolutePath().getParent() + "/")
                .replace("jdbc:postgresql://db.example:5432/support", database.url())
                .replace("=support_owner", "=" + database.username()).split("\\s+")));
        words.set(0, "liquibase.integration.commandline.LiquibaseLauncher");
        words.add("--label-filter=!vector");

        GuestProcess.javaIn(folder, libraries.stream().filter(file -> file.contains("/liquibase-c")).toList(),
                Map.of("LIQUIBASE_HOME", home.toString(), "PGPASSWORD", database.password()), words).done();

        assertThat(database.count("select count(*) from tickets")).isZero();
        assertThat(database.text("select relreplident from pg_class where relname = 'databasechangelog'"))
                .as("made by the rules of the jar").isNotEqualTo("d");
    }

    private List<String> libraries(String words) throws Exception {
        return project.libraries(folder.resolve("classpath"), words);
    }

    private GuestProcess start(List<String> libraries, String... settings) throws Exception {
        Path classes = folder.resolve("classes");
        GuestProcess.compile(GuestProject.FOLDER.resolve("java/shop/Shop.java"), libraries, classes);
        List<String> words = new ArrayList<>(List.of("shop.Shop", "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.username(),
                "--spring.datasource.password=" + database.password()));
        words.addAll(List.of(settings));
        return GuestProcess.java(Stream.concat(Stream.of(classes.toString(), RESOURCES), libraries.stream()).toList(),
                variables, words);
    }
}
