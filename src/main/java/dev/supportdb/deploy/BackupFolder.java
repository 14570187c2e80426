package dev.supportdb.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A backup on disk, readable only by its owner. Until it is proven, the name of its folder says that it is unfinished;
 * the next backup deletes the unfinished folder of a killed process.
 *
 * <pre>
 * backups/pre_migration_20261130_153000/
 *   dump/              pg_dump's directory format
 *   contents.tsv       what it must contain: facts, digests, sequences, roles
 *   database.sql       what pg_dump leaves out: settings and privileges of the database itself
 *   backup.properties  the database, the time, the program, and what was proven
 *   SHA256SUMS         the sum of each file above; sha256sum -c reads it
 * </pre>
 */
public record BackupFolder(Path path) {

    static final String DUMP = "dump";
    static final String CONTENTS = "contents.tsv";
    static final String DATABASE = "database.sql";
    static final String PROPERTIES = "backup.properties";
    static final String SUMS = "SHA256SUMS";

    /** The properties that tell the database of a backup. */
    private static final List<String> DATABASE_KEYS = List.of("database", "server", "major");

    private static final String NAME = "pre_migration_";
    private static final String UNFINISHED = ".unfinished";
    private static final Pattern BEGUN =
            Pattern.compile(NAME + "\\d{8}_\\d{6}\\.(\\d{1,9})-([0-9a-f]+)\\.unfinished");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss");
    private static final int BUFFER = 1 << 16;

    /** The folder of the backups, created if it is missing. */
    private static Path root(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder.toAbsolutePath().getParent());
            Files.createDirectory(folder,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return folder;
    }

    /** Creates a backup folder, with the name of an unfinished one. */
    static BackupFolder begin(Path folder) throws IOException {
        Path root = root(folder);
        removeUnfinished(root);
        for (LocalDateTime time = LocalDateTime.now();; time = time.plusSeconds(1)) {
            String name = NAME + TIME.format(time);
            Path path = root.resolve(name + "." + ProcessHandle.current().pid() + "-" + host() + UNFINISHED);
            try {
                Files.createDirectory(path,
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException another) {
                continue;
            }
            // Of two processes in the same second, at least the later one sees both folders, and takes the next second.
            if (list(root).stream().filter(one -> one.getFileName().toString().startsWith(name)).count() == 1) {
                return new BackupFolder(path);
            }
            Files.delete(path);
        }
    }

    private static void removeUnfinished(Path root) throws IOException {
        for (Path left : list(root)) {
            Matcher unfinished = BEGUN.matcher(left.getFileName().toString());
            // Whether a process of another machine that shares the folder still runs is unknown.
            if (unfinished.matches() && unfinished.group(2).equals(host())
                    && ProcessHandle.of(Long.parseLong(unfinished.group(1))).isEmpty()) {
                new BackupFolder(left).delete();
            }
        }
    }

    private static String host() {
        try {
            return Integer.toHexString(InetAddress.getLocalHost().getHostName().hashCode());
        } catch (UnknownHostException e) {
            return "0";
        }
    }

    /** The finished backups, newest first. */
    static List<BackupFolder> in(Path folder) throws IOException {
        return !Files.isDirectory(folder) ? List.of() : list(folder).stream()
                .filter(path -> path.getFileName().toString().matches(NAME + "\\d{8}_\\d{6}") && Files.isDirectory(path))
                .sorted(Comparator.comparing(Path::getFileName).reversed()).map(BackupFolder::new).toList();
    }

    /**
     * The finished backups of one database, newest first; the folder may have those of others, too.
     *
     * @param properties of a backup of this database
     */
    static List<BackupFolder> in(Path folder, Properties properties) throws IOException {
        List<BackupFolder> same = new ArrayList<>();
        for (BackupFolder backup : in(folder)) {
            Properties its = backup.properties();
            if (DATABASE_KEYS.stream().allMatch(key -> properties.getProperty(key).equals(its.getProperty(key)))) {
                same.add(backup);
            }
        }
        return same;
    }

    Path dump() {
        return path.resolve(DUMP);
    }

    /** The time in the name, such as {@code 20261130_153000}. */
    String time() {
        return path.getFileName().toString().substring(NAME.length()).replaceFirst("\\..*", "");
    }

    /** Gives the folder its final name after all files are on disk. */
    BackupFolder finish() throws IOException {
        Path named = path.resolveSibling(NAME + time());
        for (Path file : files()) {
            sync(path.resolve(file));
        }
        Files.move(path, named, StandardCopyOption.ATOMIC_MOVE);
        sync(named.toAbsolutePath().getParent());
        return new BackupFolder(named);
    }

    private static void sync(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            file.force(true);
        }
    }

    /** Creates a file that only its owner can read. */
    Path create(String name) throws IOException {
        return Files.createFile(path.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    Properties properties() throws IOException {
        Properties properties = new Properties();
        try (InputStream file = Files.newInputStream(path.resolve(PROPERTIES))) {
            properties.load(file);
        } catch (IllegalArgumentException e) {
            throw new IOException(path.resolve(PROPERTIES) + " cannot be read: " + e.getMessage(), e);
        }
        return properties;
    }

    /** Writes the checksum of each file. */
    void writeSums() throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path file : files()) {
            lines.add(sha256(path.resolve(file)) + "  " + file);
        }
        Files.write(create(SUMS), lines);
    }

    /** Throws an {@link IOException} that names the first file that is missing or changed. */
    void checkSums() throws IOException {
        if (!Files.isRegularFile(path.resolve(SUMS))) {
            throw new IOException(path + " is no backup: it has no " + SUMS);
        }
        TreeMap<String, String> sums = new TreeMap<>();
        Files.readAllLines(path.resolve(SUMS)).stream().filter(line -> line.length() > 66)
                .forEach(line -> sums.put(line.substring(66), line.substring(0, 64)));
        TreeSet<String> there = new TreeSet<>(files().stream().map(Path::toString).toList());
        there.remove(SUMS);
        if (!there.equals(sums.keySet())) {
            TreeSet<String> differing = new TreeSet<>(sums.keySet());
            differing.removeAll(there);
            there.removeAll(sums.keySet());
            differing.addAll(there);
            throw new IOException("%s has been changed since it was made: %s is in %s alone".formatted(path,
                    differing.first(), there.contains(differing.first()) ? "the folder" : SUMS));
        }
        for (var sum : sums.entrySet()) {
            if (!sha256(path.resolve(sum.getKey())).equals(sum.getValue())) {
                throw new IOException("%s has been changed since it was made: %s is not what it was".formatted(path,
                        sum.getKey()));
            }
        }
    }

    long bytes() throws IOException {
        long bytes = 0;
        for (Path file : files()) {
            bytes += Files.size(path.resolve(file));
        }
        return bytes;
    }

    void delete() throws IOException {
        try (Stream<Path> all = Files.walk(path)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(path)) {
            return all.filter(Files::isRegularFile).map(path::relativize).sorted().toList();
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    private static String sha256(Path file) throws IOException {
        try (DigestInputStream stream =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            byte[] buffer = new byte[BUFFER];
            while (stream.read(buffer) >= 0) {
                // Reading to the end updates the digest.
            }
            return HexFormat.of().formatHex(stream.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
