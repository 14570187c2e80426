package dev.supportdb.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Unpacks the server's programs from the archive for this machine, once. */
final class ServerBinaries {

    /**
     * The archives by platform. The pom puts only the one for this machine on the class path, so the first one found is
     * the right one.
     */
    private static final List<String> ARCHIVES = List.of(
            "/postgres-linux-x86_64.txz",
            "/postgres-linux-x86_64-alpine_linux.txz",
            "/postgres-linux-arm_64.txz",
            "/postgres-darwin-x86_64.txz",
            "/postgres-darwin-arm_64.txz");

    private ServerBinaries() {
    }

    /**
     * Unpacks the programs into a folder below {@code parent} that is named after platform and version and readable for
     * every user. Only one process unpacks at a time. Does nothing if the folder exists.
     *
     * @return the folder that contains {@code bin/}, {@code lib/} and {@code share/}
     * @throws IOException also if there is no archive for this machine
     */
    static Path unpack(Path parent) throws IOException {
        URL archive = archive();
        Path folder = parent.resolve(nameOf(archive));
        if (Files.exists(folder)) {
            return folder;
        }
        // Unpacked under another name and then renamed, so that a folder with the final name is always complete.
        Path partial = parent.resolve("unpacking");
        FolderTree.delete(partial);
        Files.createDirectory(partial);
        try {
            extract(archive, partial);
            Files.move(partial, folder);
        } catch (IOException e) {
            FolderTree.delete(partial);
            throw e;
        }
        return folder;
    }

    private static URL archive() throws IOException {
        String system = System.getProperty("os.name").startsWith("Mac") ? "darwin" : System.getProperty("os.name");
        return ARCHIVES.stream()
                .filter(archive -> archive.contains(system.toLowerCase(Locale.ROOT)))
                .map(ServerBinaries.class::getResource)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new IOException("""
                        There is no embedded PostgreSQL for this machine (%s, %s): \
                        set DATABASE_URL to a PostgreSQL of your own"""
                        .formatted(System.getProperty("os.name"), System.getProperty("os.arch"))));
    }

    /** The jar's file name without its extension, which contains platform and version. */
    private static String nameOf(URL archive) throws IOException {
        URL jar = ((JarURLConnection) archive.openConnection()).getJarFileURL();
        return jar.getPath().replaceFirst(".*/", "").replaceFirst("\\.jar$", "");
    }

    private static void extract(URL archive, Path folder) throws IOException {
        try (InputStream packed = new BufferedInputStream(archive.openStream());
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(packed))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path path = folder.resolve(entry.getName());
                Files.createDirectories(entry.isDirectory() ? path : path.getParent());
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else if (entry.isFile()) {
                    Files.copy(tar, path);
                    // Readable for all users, whatever the umask: if this JVM runs as root, the server runs as another
                    // user.
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(
                            (entry.getMode() & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path inner : files.filter(Files::isDirectory).toList()) {
                Files.setPosixFilePermissions(inner, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}
