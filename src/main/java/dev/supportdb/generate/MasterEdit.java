package dev.supportdb.generate;

import dev.supportdb.changelog.Changelog;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.stream.Stream;
import liquibase.exception.LiquibaseException;

/**
 * Adds a feature to a master: its file and its include, after Liquibase has read both in a copy. On any failure, it
 * adds nothing. It uses two renames; if the process is killed between them, the file stays, and the next run includes
 * it.
 *
 * @param root       the project's folder
 * @param parameters values for the placeholders in the files
 */
record MasterEdit(Path root, MasterChangelog master, Map<String, String> parameters) {

    void write(FeatureScaffold.Begun feature, FeatureTemplate template) throws IOException {
        // If the master is a symbolic link, its target is written.
        Path whole = master.file().toRealPath();
        if (!Files.isWritable(whole)) {
            throw new IOException("Cannot write to %s. Nothing has been written.".formatted(master.file()));
        }
        Deque<Path> made = new ArrayDeque<>();
        // One process at a time: if two had read the master, the second would overwrite the include of the first.
        // Nothing else may open this file meanwhile, because closing it again would release the lock.
        try (FileChannel channel = FileChannel.open(template.file(), StandardOpenOption.WRITE)) {
            new FeatureNumber(root, master).refuseTaken(feature.path());
            refuseOther(feature, template);
            read(feature, template);
            channel.lock();
            if (!MasterChangelog.text(master.file()).equals(master.text())) {
                throw new IOException("another process has changed %s; run the same command again"
                        .formatted(master.file()));
            }
            Path file = root.resolve(feature.path());
            if (!Files.exists(file.getParent())) {
                made.push(Files.createDirectory(file.getParent()));
            }
            place(template.text(), file, made);
            place(master.with(feature), whole, made);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException e) {
            for (Path path : made) {
                Files.deleteIfExists(path);
            }
            throw new IOException("Cannot add %s: %s. Nothing has been written."
                    .formatted(feature.path(), e.getMessage()), e);
        }
    }

    /** Refuses another file in its place. The same file may exist, left by a killed process. */
    private void refuseOther(FeatureScaffold.Begun feature, FeatureTemplate template) throws IOException {
        Path file = root.resolve(feature.path());
        if (Files.exists(file) && !Files.readString(file).equals(template.text())) {
            throw new FileAlreadyExistsException(null, null,
                    "%s already exists with other text, and is not included: "
                    .formatted(feature.path()) + "include it, or delete it. Nothing has been written.");
        }
    }

    /** Tries the result in a copy of the changelog, so that nobody sees a changelog that Liquibase cannot read. */
    private void read(FeatureScaffold.Begun feature, FeatureTemplate template) throws IOException {
        Path copy = Files.createTempDirectory("support-db");
        Path path = root.toAbsolutePath().relativize(master.file().toAbsolutePath());
        try {
            copy(root.resolve(path.getParent()), copy.resolve(path.getParent()));
            Path file = copy.resolve(feature.path());
            Files.createDirectories(file.getParent());
            Files.writeString(file, template.text());
            read(copy, feature.path(), template.file());
            Files.writeString(copy.resolve(path), master.with(feature));
            read(copy, path, master.file());
        } finally {
            try (Stream<Path> files = Files.walk(copy)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** @param cause the file to correct if Liquibase cannot read the result */
    private void read(Path folder, Path file, Path cause) throws IOException {
        try {
            Changelog.read(folder, file.toString().replace('\\', '/'), parameters);
        } catch (LiquibaseException e) {
            throw new IOException("Liquibase cannot read the result; the cause is in %s: %s".formatted(cause,
                    String.valueOf(e.getMessage()).strip()), e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path other = to.resolve(from.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(other);
                } else {
                    Files.copy(file, other);
                }
            }
        }
    }

    /** Writes a file completely or not at all. Keeps the permissions of the file it replaces. */
    private static void place(String text, Path file, Deque<Path> made) throws IOException {
        Path next = file.resolveSibling("." + file.getFileName() + ".next");
        try {
            if (Files.exists(file)) {
                Files.copy(file, next, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
            } else {
                made.push(file);
            }
            Files.writeString(next, text);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(next);
        }
    }
}
