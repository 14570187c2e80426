package dev.supportdb.embedded;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** File operations on whole folders, which {@link Files} lacks. */
final class FolderTree {

    private FolderTree() {
    }

    /** Deletes a file, or a folder with everything in it. Does nothing if it does not exist. Does not follow links. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Gives a file that root has created in another user's folder to that user. */
    static void giveToOwnerOf(Path folder, Path file) throws IOException {
        if (OperatingSystemAccount.isRoot()) {
            Files.setOwner(file, Files.getOwner(folder));
        }
    }
}
