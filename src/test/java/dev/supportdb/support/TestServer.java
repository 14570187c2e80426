package dev.supportdb.support;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.supportdb.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.shaded.org.awaitility.core.ConditionTimeoutException;
import org.testcontainers.utility.DockerImageName;

/**
 * The PostgreSQL that this run of the tests uses: the one it is given, else a container, else the embedded one. The
 * latter two run without fsync, since they are gone at the end.
 *
 * @param description what to say about it
 * @param url JDBC URL of a database that exists
 * @param username a user who may create databases
 * @param outlivesTests whether what the tests leave behind would stay
 */
record TestServer(String description, String url, String username, String password, boolean outlivesTests) {

    /**
     * Loggers of Testcontainers, which prints a page if it finds no engine; kept in a field, so that their levels are
     * not forgotten.
     */
    private static final List<Logger> CHATTER = List.of(Logger.getLogger("org.testcontainers"),
            Logger.getLogger("com.github.dockerjava"), Logger.getLogger("tc"));

    static TestServer choose() {
        TestServer server = given().or(TestServer::container).orElseGet(TestServer::embedded);
        System.out.println("Tests run on PostgreSQL " + server.version() + ", " + server.description);
        return server;
    }

    private String version() {
        try (Connection connection = DriverManager.getConnection(url, username, password)) {
            return connection.getMetaData().getDatabaseProductVersion();
        } catch (SQLException e) {
            throw new IllegalStateException("The tests cannot connect to " + description + ": " + e.getMessage(), e);
        }
    }

    /** The URL of another database on the same server. */
    String urlOf(String database) {
        return url.replaceFirst("^(jdbc:postgresql://[^/]+/)[^?]*", "$1" + database);
    }

    private static Optional<TestServer> given() {
        return Optional.ofNullable(System.getenv("TEST_DATABASE_URL"))
                .filter(url -> !url.isBlank())
                .map(url -> new TestServer("given as " + url.replaceFirst("\\?.*", ""), url,
                        System.getenv("TEST_DATABASE_USERNAME"), System.getenv("TEST_DATABASE_PASSWORD"), true));
    }

    private static Optional<TestServer> container() {
        CHATTER.forEach(logger -> logger.setLevel(Level.OFF));
        String image = System.getProperty("test.image", "pgvector/pgvector:pg17");
        try {
            if (!DockerClientFactory.instance().isDockerAvailable()) {
                return Optional.empty();
            }
            pull(image);
            // Testcontainers sets fsync=off, and stops the container when this JVM ends.
            @SuppressWarnings("resource")
            PostgreSQLContainer container = new PostgreSQLContainer(
                    DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
            container.withImagePullPolicy(name -> false).start();
            return Optional.of(new TestServer("image " + image, container.getJdbcUrl(), container.getUsername(),
                    container.getPassword(), false));
        } catch (DockerException | ContainerLaunchException | ConditionTimeoutException e) {
            System.out.println("The container engine cannot start the image " + image + ": "
                    + e.getMessage().strip());
            return Optional.empty();
        }
    }

    /** Testcontainers would try for two minutes; without a network it is better to know at once. */
    private static void pull(String image) {
        DockerClient engine = DockerClientFactory.lazyClient();
        try {
            engine.inspectImageCmd(image).exec();
        } catch (NotFoundException e) {
            System.out.println("Pulling the image " + image);
            try {
                engine.pullImageCmd(image).start().awaitCompletion();
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
    }

    private static TestServer embedded() {
        try {
            EmbeddedPostgres postgres = ServerPlace.find().server("fsync=off", "max_prepared_transactions=2");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(postgres)));
            postgres.start();
            TestDatabase any = ServerPlace.withCheapLogins(postgres);
            return new TestServer("embedded", any.url(), any.username(), any.password(), false);
        } catch (SQLException e) {
            throw new IllegalStateException("The embedded server does not answer: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(EmbeddedPostgres postgres) {
        try {
            postgres.reset();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
