package dev.supportdb.changelog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import liquibase.exception.LiquibaseException;

/**
 * Adds a feature to a master: its file and its include, once Liquibase has read both; or nothing, whatever goes wrong.
 *
 * @param root       the project's folder
 * @param parameters what stands for the placeholders in the files
 */
record Addition(Path root, Master master, Map<String, String> parameters) {

    void write(Scaffold.Begun feature, Template template) throws IOException {
        // Where it is a link, what it points to.
        Path old = master.file().toRealPath();
        if (!Files.isWritable(old)) {
            throw new IOException("%s cannot be written to. Nothing has been written.".formatted(master.file()));
        }
        Path next = old.resolveSibling(old.getFileName().toString().replaceFirst("\\.ya?ml$", ".next.yaml"));
        Path file = root.resolve(feature.path());
        Deque<Path> made = new ArrayDeque<>();
        try {
            if (!Files.exists(file.getParent())) {
                made.push(Files.createDirectory(file.getParent()));
            }
            made.push(Files.createFile(file));
            Files.writeString(file, template.text());
            read(file, template.file());
            made.push(Files.copy(old, next, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING));
            Files.writeString(next, master.with(feature));
            read(next, master.file());
            if (!Files.readString(old).equals(master.text())) {
                throw new IOException(master.file() + " has been changed meanwhile");
            }
            Files.move(next, old, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            for (Path path : made) {
                Files.deleteIfExists(path);
            }
            throw new IOException("%s cannot be added: %s. Nothing has been written."
                    .formatted(feature.path(), e.getMessage()), e);
        }
    }

    /** @param cause what to mend where Liquibase cannot read the file */
    private void read(Path file, Path cause) throws IOException {
        String path = root.toAbsolutePath().relativize(file.toAbsolutePath()).toString().replace('\\', '/');
        try {
            Changelog.read(root, path, parameters);
        } catch (LiquibaseException e) {
            throw new IOException("with %s as it is, Liquibase cannot read it: %s".formatted(cause,
                    String.valueOf(e.getMessage()).strip()), e);
        }
    }
}
