package dev.supportdb.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * A lock on a server's folder: while one command starts, stops or deletes the server, the others wait. The lock ends
 * with its process, even a killed one.
 */
final class FolderLock implements AutoCloseable {

    private static final String FILE = "lock";

    /** A lock between threads, because the lock of the operating system works between processes only. */
    private static final ReentrantLock THREADS = new ReentrantLock();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Locks a folder, creating it if it is missing. Waits if another command has locked it, and prints that it waits.
     */
    static FolderLock of(Path folder) throws IOException {
        THREADS.lock();
        try {
            Optional<FolderLock> lock = Optional.empty();
            while (lock.isEmpty()) {
                lock = attempt(folder);
            }
            return lock.get();
        } catch (IOException | RuntimeException e) {
            THREADS.unlock();
            throw e;
        }
    }

    /**
     * Tries to lock; empty if the file was deleted, and perhaps created again, while this process opened it or waited
     * for it.
     */
    private static Optional<FolderLock> attempt(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        FileChannel channel = null;
        boolean locked = false;
        try {
            Files.createDirectories(folder);
            // The file is private: another user who can read it could lock it.
            channel = FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Object opened = identity(file);
            FolderTree.giveToOwnerOf(folder, file);
            if (channel.tryLock() == null) {
                System.err.println("Waiting for another command that starts or stops the server in " + folder);
                channel.lock();
            }
            locked = opened.equals(identity(file));
            return locked ? Optional.of(new FolderLock(folder, channel)) : Optional.empty();
        } catch (NoSuchFileException deleted) {
            return Optional.empty();
        } finally {
            if (channel != null && !locked) {
                channel.close();
            }
        }
    }

    private static Object identity(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** Deletes everything else in the folder. */
    void empty() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(any -> !any.endsWith(FILE)).toList()) {
                FolderTree.delete(file);
            }
        }
    }

    /** Releases the lock, and deletes the folder if nothing else is in it. */
    @Override
    public void close() throws IOException {
        try (channel; Stream<Path> files = Files.list(folder)) {
            if (files.allMatch(file -> file.endsWith(FILE))) {
                Files.delete(folder.resolve(FILE));
                Files.delete(folder);
            }
        } catch (DirectoryNotEmptyException another) {
            // Another process has just created a new lock in the folder.
        } finally {
            THREADS.unlock();
        }
    }
}
