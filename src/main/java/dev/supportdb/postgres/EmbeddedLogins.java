package dev.supportdb.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The port and the passwords of the server that {@code make up} starts. They are in a libpq password file in the
 * server's folder, which only its owner may read, where psql, the Maven goals and the commands find them. The
 * environments name that server by its usual address, whatever port it uses.
 *
 * @param port on 127.0.0.1, where the server was last started
 * @param passwords by role
 */
public record EmbeddedLogins(int port, Map<String, String> passwords) {

    /** The default port: not PostgreSQL's own, which is often taken. */
    public static final int PORT = 15432;

    /** The server's folder in the project's root. */
    public static final String FOLDER = ".postgres";

    /** The logins of a server that has never been started. */
    public static final EmbeddedLogins NONE = new EmbeddedLogins(PORT, Map.of());

    private static final String FILE = "passfile";
    private static final String USUAL_URL = "jdbc:postgresql://127.0.0.1:" + PORT + "/";
    private static final Pattern LINE = Pattern.compile("127\\.0\\.0\\.1:(\\d{1,5}):\\*:([a-z0-9_]+):([0-9a-f]+)");

    public EmbeddedLogins {
        passwords = Map.copyOf(passwords);
    }

    /** Returns the file in a server's folder; it may not exist. */
    public static Path file(Path folder) {
        return folder.resolve(FILE);
    }

    /**
     * Reads the file in a server's folder; empty when there is none.
     *
     * @throws IOException saying what to do, when it may not be read or is damaged
     */
    public static Optional<EmbeddedLogins> read(Path folder) throws IOException {
        Path file = file(folder);
        Map<String, String> passwords = new TreeMap<>();
        int port = PORT;
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
                Matcher login = LINE.matcher(line);
                if (login.matches()) {
                    port = Integer.parseInt(login.group(1));
                    passwords.put(login.group(2), login.group(3));
                }
            }
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (AccessDeniedException denied) {
            throw new IOException("The passwords of the embedded server are in %s, which only the user %s may read: "
                    .formatted(file, Files.getOwner(folder)) + "run this command as that user", denied);
        }
        if (passwords.isEmpty()) {
            throw new IOException("%s has no password of the embedded server: \"make reset\" deletes the server and "
                    .formatted(file) + "its data, then \"make up\" creates a new one");
        }
        return Optional.of(new EmbeddedLogins(port, passwords));
    }

    /**
     * Returns the logins for the URL of a database; empty if it is not the usual address of the embedded server, or if
     * that server has never been started here.
     *
     * @throws IOException as {@link #read}
     */
    public static Optional<EmbeddedLogins> find(String url, Path folder) throws IOException {
        return isUsual(url) ? read(folder) : Optional.empty();
    }

    /** Returns whether a URL names the embedded server by its usual address. */
    public static boolean isUsual(String url) {
        return url.startsWith(USUAL_URL);
    }

    /** Returns whether a URL names the embedded server by its usual address, or where it was last started. */
    public static boolean isServer(String url) {
        try {
            return isUsual(url) || read(folder()).filter(logins -> url.startsWith(logins.url(USUAL_URL))).isPresent();
        } catch (IOException unknown) {
            return false;
        }
    }

    /** Returns the server's folder, for a program that runs in the project's root, and for Maven in any folder. */
    public static Path folder() {
        return Path.of(System.getProperty("maven.multiModuleProjectDirectory", ""), FOLDER);
    }

    /** Returns the URL of the same database on the server's current port. */
    public String url(String usual) {
        return usual.replace(USUAL_URL, "jdbc:postgresql://127.0.0.1:" + port + "/");
    }

    /** The password of a role; null when it is not one of the server's own. */
    public String password(String role) {
        return role == null ? null : passwords.get(role);
    }

    /** Replaces the file in a server's folder. The file gets the owner of the folder, also if root writes it. */
    public void write(Path folder) throws IOException {
        Path file = folder.resolve(FILE + ".new");
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        StringBuilder lines = new StringBuilder("# The embedded server of \"make up\", for PGPASSFILE.\n");
        new TreeMap<>(passwords).descendingMap().forEach((role, password) ->
                lines.append("127.0.0.1:%d:*:%s:%s%n".formatted(port, role, password)));
        Files.writeString(file, lines);
        if (System.getProperty("user.name").equals("root")) {
            Files.setOwner(file, Files.getOwner(folder));
        }
        Files.move(file, file(folder), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns a text without the passwords. */
    @Override
    public String toString() {
        return "logins of %s on port %d".formatted(passwords.keySet(), port);
    }
}
