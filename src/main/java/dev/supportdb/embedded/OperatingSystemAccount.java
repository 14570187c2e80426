package dev.supportdb.embedded;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whom the server's programs run as. PostgreSQL refuses to run as root, so where this JVM does (a container, a build
 * machine) they need another account.
 */
sealed interface OperatingSystemAccount {

    /** The command that runs {@code command} as this account. */
    List<String> running(List<String> command);

    /** Hands a file or folder over to this account. */
    void own(Path path) throws IOException;

    /**
     * The account for a data folder: the one it belongs to, or for a new one whatever this machine allows.
     *
     * @param data the data folder, which need not be there
     */
    static OperatingSystemAccount of(Path data) throws IOException {
        if (new UnixSystem().getUid() != 0) {
            return new Self();
        }
        String owner = Files.exists(data) ? Files.getOwner(data).getName() : "root";
        if (!owner.equals("root")) {
            return new Other(owner);
        }
        return ProgramRunner.succeeds(List.of("unshare", "-U", "true")) ? new Unshared() : new Other("nobody");
    }

    /** An ordinary user. */
    record Self() implements OperatingSystemAccount {

        @Override
        public List<String> running(List<String> command) {
            return command;
        }

        @Override
        public void own(Path path) {
        }
    }

    /**
     * Root in a user namespace that maps nobody: the kernel still sees root's files as its own, the server sees an
     * ordinary user without a single privilege.
     */
    record Unshared() implements OperatingSystemAccount {

        @Override
        public List<String> running(List<String> command) {
            List<String> all = new ArrayList<>(List.of("unshare", "-U"));
            all.addAll(command);
            return all;
        }

        @Override
        public void own(Path path) {
        }
    }

    /** Another user of this machine, for root where user namespaces are forbidden, as in most containers. */
    record Other(String name) implements OperatingSystemAccount {

        @Override
        public List<String> running(List<String> command) {
            String line = command.stream()
                    .map(word -> "'" + word.replace("'", "'\\''") + "'")
                    .collect(Collectors.joining(" "));
            return List.of("su", "-s", "/bin/sh", "-c", line, name);
        }

        @Override
        public void own(Path path) throws IOException {
            Files.setOwner(path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name));
        }
    }
}
