package dev.supportdb.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.postgres.EmbeddedLogins;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import liquibase.database.DatabaseFactory;
import liquibase.exception.DatabaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

final class EnvironmentConnectionTest {

    private static final String SECRET = "not-the-password";

    /** The folder where the embedded server would be. */
    @TempDir
    private Path folder;

    private TestDatabase database;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    private void open(String url, Map<String, String> environment, String user, String password)
            throws DatabaseException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        if (password != null) {
            properties.setProperty("password", password);
        }
        try (EnvironmentConnection connection = new EnvironmentConnection(environment, folder)) {
            connection.open(url, new Driver(), properties);
        }
    }

    private Map<String, String> environment(String url, String password) {
        return Map.of("DATABASE_URL", url, "DB_USERNAME", database.username(), "DB_PASSWORD", password);
    }

    @Test
    void takes_user_and_password_from_the_environment_for_the_url_of_the_environment() throws Exception {
        open(database.url(), environment(database.url(), database.password()), "nobody", SECRET);
        String psqlForm = database.url().replace("jdbc:postgresql://", "postgres://" + "somebody:something@");
        open(database.url(), environment(psqlForm, database.password()), "nobody", SECRET);
    }

    @Test
    void leaves_them_alone_for_any_other_url() throws Exception {
        Map<String, String> other = environment(database.url() + "_other", SECRET);
        open(database.url(), other, database.username(), database.password());
    }

    @Test
    void takes_those_of_the_second_database_for_its_url() throws Exception {
        Map<String, String> both = new HashMap<>(environment(database.url() + "_other", SECRET));
        both.putAll(Map.of("ANALYTICS_DATABASE_URL", database.url(), "ANALYTICS_DB_USERNAME", database.username(),
                "ANALYTICS_DB_PASSWORD", database.password()));
        open(database.url(), both, "nobody", SECRET);

        both.put("ANALYTICS_DB_PASSWORD", " ");
        assertThatThrownBy(() -> open(database.url(), both, "nobody", database.password()))
                .hasMessageContaining("refuses the password of user " + database.username());
        both.put("DB_PASSWORD", database.password());
        open(database.url(), both, "nobody", SECRET);
    }

    @Test
    void without_a_url_in_the_environment_gives_the_password_to_its_user_and_to_who_has_none() throws Exception {
        Map<String, String> credentials =
                Map.of("DB_USERNAME", database.username(), "DB_PASSWORD", database.password());
        open(database.url(), credentials, database.username(), SECRET);
        open(database.url(), Map.of("DB_PASSWORD", database.password()), database.username(), null);
    }

    @Test
    void without_a_url_in_the_environment_leaves_another_user_its_password() throws Exception {
        open(database.url(), Map.of("DB_USERNAME", "somebody", "DB_PASSWORD", SECRET),
                database.username(), database.password());
    }

    @Test
    void names_the_user_of_a_wrong_password_and_where_it_was_read() {
        assertThatThrownBy(() -> open(database.url(), environment(database.url(), SECRET), "nobody", SECRET))
                .isInstanceOf(DatabaseException.class)
                .hasMessageContaining("refuses the password of user " + database.username())
                .hasMessageContaining("It was read from DB_PASSWORD")
                .satisfies(EnvironmentConnectionTest::keepsTheSecret);
        assertThatThrownBy(() -> open(database.url(), Map.of(), database.username(), SECRET))
                .hasMessageContaining("refuses the password of user " + database.username())
                .hasMessageContaining("contexts/<env>.properties")
                .satisfies(EnvironmentConnectionTest::keepsTheSecret);
    }

    @Test
    void names_an_unknown_database() {
        assertThatThrownBy(() -> open(database.url().replace(database.name(), "no_such_database"), Map.of(),
                        database.username(), database.password()))
                .hasMessageContaining("has no database 'no_such_database'");
    }

    @Test
    void names_the_form_with_a_host_for_a_url_without_one() {
        assertThatThrownBy(() -> open("jdbc:postgresql:///support", Map.of(), "nobody", SECRET))
                .isInstanceOf(NoConnection.class)
                .hasMessageContaining("names no host").hasMessageContaining("jdbc:postgresql://localhost:5432/support");
    }

    /** The driver would ignore the parameter, and connect to any server. */
    @Test
    void names_a_parameter_that_is_none() throws Exception {
        assertThatThrownBy(() -> open(database.url() + "?sslmod=verify-full", Map.of(), database.username(),
                        database.password()))
                .hasMessageContaining("the parameter 'sslmod', which the PostgreSQL driver does not know");
        open(database.url() + "?ApplicationName=x&connectTimeout=5", Map.of(), database.username(),
                database.password());
    }

    @Test
    void names_host_and_port_where_nobody_listens() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        assertThatThrownBy(() -> open("jdbc:postgresql://127.0.0.1:" + port + "/support", Map.of(), "nobody", SECRET))
                .hasMessageContaining("No PostgreSQL server answers at 127.0.0.1:" + port)
                .hasMessageContaining("Check that it runs").hasMessageContaining("DATABASE_URL")
                .hasMessageNotContaining("make up")
                .satisfies(EnvironmentConnectionTest::keepsTheSecret);
    }

    @Test
    void says_how_to_start_the_embedded_server_where_that_one_is_meant() throws Exception {
        ServerUrl embedded = ServerUrl.of("jdbc:postgresql://127.0.0.1:" + EmbeddedLogins.PORT + "/support");
        SQLException refused = new SQLException("refused", "08001", new ConnectException("refused"));
        assertThat(new ConnectionFailure(embedded, new Properties(), Map.of()).explain(refused))
                .contains("`make up` starts the embedded one");
    }

    @Test
    void finds_port_and_password_of_the_embedded_server_by_its_usual_address() throws Exception {
        String role = database.name() + "_owner";
        String password = "0123456789abcdef";
        database.execute("create role %s login password '%s'".formatted(role, password));
        String usual = "jdbc:postgresql://127.0.0.1:%d/%s".formatted(EmbeddedLogins.PORT, database.name());
        int port = Integer.parseInt(ServerUrl.of(database.url()).server().replaceFirst(".*:", ""));
        try {
            new EmbeddedLogins(port, Map.of(role, password)).write(folder);
            open(usual, Map.of(), role, null);
            open(usual, Map.of(), role, "");
            open(usual, Map.of(), role, "null");
            open(usual, Map.of("DB_USERNAME", role, "DB_PASSWORD", password), role, null);
            assertThatThrownBy(() -> open(usual, Map.of("DB_PASSWORD", SECRET), role, null))
                    .as("what is given goes first").hasMessageContaining("refuses the password of user " + role);
            assertThatThrownBy(() -> open(usual, Map.of("DATABASE_URL", usual), role, null))
                    .as("another server of that address").hasMessageContaining(":" + EmbeddedLogins.PORT);
            Files.writeString(EmbeddedLogins.file(folder), "nothing");
            assertThatThrownBy(() -> open(usual, Map.of(), role, null)).hasMessageContaining("make reset");
        } finally {
            database.execute("drop role " + role);
        }
    }

    @Test
    void says_who_may_let_a_user_connect() throws Exception {
        String user = database.name() + "_visitor";
        database.execute("create role " + user + " login password '" + SECRET + "'");
        try {
            database.execute("revoke connect on database " + database.name() + " from public");
            assertThatThrownBy(() -> open(database.url(), Map.of(), user, SECRET))
                    .hasMessageContaining("grant connect on database " + database.name() + " to " + user)
                    .satisfies(EnvironmentConnectionTest::keepsTheSecret);
        } finally {
            database.execute("drop role " + user);
        }
    }

    /** Takes the way of every goal, which looks for a driver first. */
    @ParameterizedTest
    @ValueSource(strings = {
        "postgresql://127.0.0.1:5432/support",
        "postgres://somebody@127.0.0.1/support",
        "postgresql://somebody:not-the-password@127.0.0.1/support",
        "jdbc:postgresql://127.0.0.1/support?user=somebody&password=not-the-password",
        "jdbc:postgresql://127.0.0.1:port/support",
        "host=127.0.0.1 dbname=support password=not-the-password",
        "127.0.0.1:5432/support",
    })
    void saysWhichFormAUrlMustHave(String url) {
        assertThatThrownBy(() -> DatabaseFactory.getInstance().openDatabase(
                        url, "nobody", SECRET, null, new ClassLoaderResourceAccessor()))
                .hasMessageContaining("jdbc:postgresql://host:port/database")
                .satisfies(EnvironmentConnectionTest::keepsTheSecret);
    }

    private static void keepsTheSecret(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            assertThat(cause.toString()).doesNotContain(SECRET);
        }
    }
}
