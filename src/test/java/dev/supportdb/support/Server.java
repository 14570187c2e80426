package dev.supportdb.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

import dev.supportdb.embedded.EmbeddedPostgres;

/**
 * The PostgreSQL that this run of the tests uses: the one it is given, else a container, else the embedded one. Only
 * the first may keep what it is told: the other two run without fsync and are gone at the end.
 *
 * @param description what to say about it
 * @param url JDBC URL of a database that exists
 * @param username a user who may create databases
 */
record Server(String description, String url, String username, String password) {

    /** Held, so that the level set on it is not collected with it. */
    private static final Logger CONTAINER_LOG = Logger.getLogger("org.testcontainers");

    static Server choose() {
        Server server = given().or(Server::container).orElseGet(Server::embedded);
        System.out.println("Tests run on " + server.description);
        return server;
    }

    /** The URL of another database on the same server. */
    String urlOf(String database) {
        return url.replaceFirst("^(jdbc:postgresql://[^/]+/)[^?]*", "$1" + database);
    }

    private static Optional<Server> given() {
        return Optional.ofNullable(System.getenv("TEST_DATABASE_URL"))
                .filter(url -> !url.isBlank())
                .map(url -> new Server(url.replaceFirst("\\?.*", ""), url,
                        System.getenv("TEST_DATABASE_USERNAME"), System.getenv("TEST_DATABASE_PASSWORD")));
    }

    private static Optional<Server> container() {
        // Where there is no engine it logs a page about each place it looked in.
        CONTAINER_LOG.setLevel(Level.OFF);
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            return Optional.empty();
        }
        String image = System.getProperty("test.image");
        try {
            // Sets fsync=off; stopped by Testcontainers itself when this JVM ends.
            @SuppressWarnings("resource")
            PostgreSQLContainer container = new PostgreSQLContainer(
                    DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
            container.start();
            return Optional.of(new Server("the image " + image, container.getJdbcUrl(), container.getUsername(),
                    container.getPassword()));
        } catch (ContainerLaunchException e) {
            System.out.println("The container engine cannot start the image " + image + ": " + e.getMessage());
            return Optional.empty();
        }
    }

    private static Server embedded() {
        try {
            Path folder = Files.createTempDirectory("support-db-tests-");
            EmbeddedPostgres postgres = new EmbeddedPostgres(folder, freePort(), "fsync=off");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(postgres)));
            postgres.start();
            return new Server("an embedded PostgreSQL", postgres.url("postgres"), EmbeddedPostgres.USER,
                    EmbeddedPostgres.USER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
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
