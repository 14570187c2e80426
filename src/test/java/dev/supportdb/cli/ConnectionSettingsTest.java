package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConnectionSettingsTest {

    @TempDir
    private Path contexts;

    @BeforeEach
    void write_an_environment() throws IOException {
        Files.writeString(contexts.resolve("qa.properties"), """
                changeLogFile=changelog/db.changelog-master.yaml
                url=jdbc:postgresql://qa:5432/support
                username=ann
                password=from-file
                contexts=qa
                labels=!vector
                parameter.demo.rows=7
                """);
    }

    @Test
    void come_from_the_file_of_the_environment() throws IOException {
        assertThat(read(Map.of())).isEqualTo(new TargetDatabase("jdbc:postgresql://qa:5432/support", "ann", "from-file",
                "changelog/db.changelog-master.yaml", "qa", "!vector", Map.of("demo.rows", "7")));
    }

    @Test
    void give_way_to_each_variable_of_the_process() throws IOException {
        TargetDatabase target = read(Map.of("DB_PASSWORD", "from-variable"));
        assertThat(List.of(target.url(), target.username(), target.password()))
                .containsExactly("jdbc:postgresql://qa:5432/support", "ann", "from-variable");

        target = read(Map.of("DATABASE_URL", "jdbc:postgresql://other/support", "DB_USERNAME", "bob"));
        assertThat(List.of(target.url(), target.username(), target.password()))
                .containsExactly("jdbc:postgresql://other/support", "bob", "from-file");
    }

    @Test
    void take_user_and_password_from_a_url_that_has_them_unless_they_are_given_apart() throws IOException {
        String url = "postgresql://bob:from-url@other/support";

        TargetDatabase target = read(Map.of("DATABASE_URL", url));
        assertThat(List.of(target.url(), target.username(), target.password()))
                .containsExactly("jdbc:postgresql://other/support", "bob", "from-url");

        target = read(Map.of("DATABASE_URL", url, "DB_USERNAME", "carl", "DB_PASSWORD", "from-variable"));
        assertThat(List.of(target.username(), target.password())).containsExactly("carl", "from-variable");
    }

    @Test
    void settings_of_the_second_database_override_those_of_the_first() throws IOException {
        Map<String, String> variables = new HashMap<>(Map.of("DATABASE_URL", "jdbc:postgresql://first/support",
                "DB_USERNAME", "bob", "DB_PASSWORD", "of-both",
                "ANALYTICS_DATABASE_URL", "postgresql://second/analytics"));
        Path real = Path.of("contexts");

        TargetDatabase target = ConnectionSettings.read(real, "analytics", variables).target();
        assertThat(List.of(target.url(), target.username(), target.password()))
                .containsExactly("jdbc:postgresql://second/analytics", "bob", "of-both");
        assertThat(ConnectionSettings.read(real, "staging", variables).target().url())
                .isEqualTo("jdbc:postgresql://first/support");

        variables.putAll(Map.of("ANALYTICS_DB_USERNAME", "carl", "ANALYTICS_DB_PASSWORD", "of-carl"));
        target = ConnectionSettings.read(real, "analytics", variables).target();
        assertThat(List.of(target.username(), target.password())).containsExactly("carl", "of-carl");

        variables.put("ANALYTICS_DATABASE_URL", "");
        target = ConnectionSettings.read(real, "analytics", variables).target();
        assertThat(List.of(target.url(), target.username(), target.password()))
                .containsExactly("jdbc:postgresql://first/support", "bob", "of-both");
    }

    @Test
    void settings_of_the_second_database_hold_for_a_bare_maven_goal(@TempDir Path folder) throws Exception {
        assumeThat(FreshClone.isPossible()).as("make and mvn are on the PATH").isTrue();
        FreshClone clone = FreshClone.in(folder.resolve("clone"), 0);
        String goal = "ANALYTICS_DATABASE_URL=jdbc:postgresql://127.0.0.1:2/second "
                + "mvn -q -B liquibase:listLocks -Denv=";

        assertThat(clone.type(goal + "analytics", null).output()).contains("answers at 127.0.0.1:2");
        assertThat(clone.type(goal + "staging", null).output()).contains("answers at 127.0.0.1:1");
    }

    @Test
    void do_not_mind_a_variable_that_is_set_to_nothing() throws IOException {
        assertThat(read(Map.of("DATABASE_URL", "", "DB_USERNAME", "", "DB_PASSWORD", ""))).isEqualTo(read(Map.of()));
    }

    @Test
    void find_port_and_password_where_the_embedded_server_has_them() throws IOException {
        Path environments = Files.createDirectory(contexts.resolve("contexts"));
        Path server = Files.createDirectory(contexts.resolve(".postgres"));
        Files.writeString(environments.resolve("qa.properties"), Files.readString(contexts.resolve("qa.properties"))
                .replace("//qa:5432", "//127.0.0.1:15432").replace("password=from-file\n", ""));
        assertThat(ConnectionSettings.read(environments, "qa", Map.of()).target())
                .extracting(TargetDatabase::url, TargetDatabase::password)
                .containsExactly("jdbc:postgresql://127.0.0.1:15432/support", null);

        new EmbeddedLogins(25432, Map.of("ann", "abc123")).write(server);
        assertThat(ConnectionSettings.read(environments, "qa", Map.of()).target())
                .extracting(TargetDatabase::url, TargetDatabase::username, TargetDatabase::password)
                .containsExactly("jdbc:postgresql://127.0.0.1:25432/support", "ann", "abc123");
        assertThat(ConnectionSettings.read(environments, "qa", Map.of("DB_USERNAME", "bob")).target().password())
                .isNull();
        assertThat(ConnectionSettings.read(environments, "qa", Map.of("DATABASE_URL",
                "postgresql://127.0.0.1:15432/support")).target())
                .extracting(TargetDatabase::url, TargetDatabase::password)
                .containsExactly("jdbc:postgresql://127.0.0.1:15432/support", null);
    }

    @Test
    void take_another_label_filter() throws IOException {
        ConnectionSettings settings = ConnectionSettings.read(contexts, "qa", Map.of()).withLabels("@reporting");

        assertThat(settings.target().labels()).isEqualTo("@reporting");
    }

    @Test
    void list_the_environments_when_there_is_none_of_that_name() throws IOException {
        Files.writeString(contexts.resolve("production.properties"), "");
        Files.writeString(contexts.resolve("notes.txt"), "");

        assertThatThrownBy(() -> ConnectionSettings.read(contexts, "prod", Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("prod ")
                .hasMessageEndingWith("there are: production, qa");
    }

    @Test
    void insist_on_contexts() throws IOException {
        Path file = contexts.resolve("qa.properties");
        Files.writeString(file, Files.readString(file).replace("contexts=qa", "contexts="));

        assertThatThrownBy(() -> read(Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + " has no contexts");
    }

    /** A key that is ignored could change the meaning: with lables=!vector the branch would be built. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            lables=!vector             | has the unknown key lables. Nearest: labels
            context=qa                 | has the unknown key context. Nearest: contexts
            changelogFile=a.yaml       | has the unknown key changelogFile. Nearest: changeLogFile
            user=ann                   | has the unknown key user. Nearest: username
            supportdb.lock.patience=60 | in the environment, as SUPPORTDB_LOCK_PATIENCE=…
            contexts=\\u00g0          | cannot be parsed: Malformed
            liquibase.changelogLockPollRate=2 | as LIQUIBASE_CHANGELOG_LOCK_POLL_RATE=…, and for a Maven goal as -D
            """)
    void refuse_a_key_that_would_be_passed_over(String line, String why) throws IOException {
        Path file = contexts.resolve("qa.properties");
        Files.writeString(file, Files.readString(file) + "\n" + line + "\n");

        assertThatThrownBy(() -> read(Map.of())).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file.toString()).hasMessageContaining(why);
    }

    @Test
    void leave_keys_of_maven_goals_alone() throws IOException {
        Path file = contexts.resolve("qa.properties");
        Files.writeString(file, Files.readString(file) + "\ndriver=x\nreferenceUrl=y\nverbose=true\nparameter.a=b\n");

        assertThat(read(Map.of()).parameters()).containsEntry("a", "b");
    }

    @Test
    void say_no_password() throws IOException {
        assertThat(ConnectionSettings.read(contexts, "qa", Map.of()).toString()).contains("qa")
                .doesNotContain("from-file");
        assertThat(
                ConnectionSettings.read(contexts, "qa",
                Map.of("DATABASE_URL", "postgresql://bob:from-url@other/support"))
                .toString()).contains("other").doesNotContain("from-url", "from-file");
    }

    @Test
    void settings_of_every_environment_are_complete() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("contexts"))) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".properties")).map(name -> name.replace(".properties", ""))
                    .sorted()
                    .toList();
            for (String name : names) {
                ConnectionSettings settings = ConnectionSettings.read(Path.of("contexts"), name, Map.of());

                assertThat(settings.embedded()).as(name).isEqualTo(List.of("analytics", "dev").contains(name));
                assertThat(Path.of(settings.target().changelog())).as(name).exists();
                assertThat(Files.readString(Path.of("contexts", name + ".properties")).contains("password=")).as(name)
                        .isEqualTo(name.equals("test"));
            }
            // The pom lists the environments too, for a Maven goal with an unknown one.
            assertThat(Files.readString(Path.of("pom.xml"))).contains("there are: " + String.join(", ", names) + ")");
        }
    }

    private TargetDatabase read(Map<String, String> variables) throws IOException {
        return ConnectionSettings.read(contexts, "qa", variables).target();
    }
}
