package dev.supportdb.embedded;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The user that runs the server's programs. A server can read and write whatever its user can, and so can a superuser
 * of the database through it. PostgreSQL refuses to run as root; if this JVM runs as root, as in a container or on a
 * build machine, the programs run as a user without privileges.
 */
sealed interface OperatingSystemAccount {

    /** The user that owns nothing. */
    String NOBODY = "nobody";

    static boolean isRoot() {
        return new UnixSystem().getUid() == 0;
    }

    /** Returns the command that runs {@code command} as this account. */
    List<String> running(List<String> command);

    /** Makes this account the owner of a file or folder. */
    void own(Path path) throws IOException;

    /**
     * The account for a data folder: its owner, or for a new folder a user that root can switch to.
     *
     * @param data the data folder, which need not exist
     * @throws IOException if root cannot switch to another user on this machine, or the folder belongs to root
     */
    static OperatingSystemAccount of(Path data) throws IOException {
        if (!isRoot()) {
            return new Self();
        }
        String owner = Files.exists(data) ? Files.getOwner(data).getName() : NOBODY;
        if (owner.equals("root")) {
            throw new IOException("%s belongs to root, and PostgreSQL does not run as root: give it and all in it to "
                    .formatted(data) + NOBODY + ", or start over with \"make reset\" (deletes its data)");
        }
        return become(owner);
    }

    private static OperatingSystemAccount become(String name) throws IOException {
        try {
            for (OperatingSystemAccount way : List.of(Other.bySetpriv(name), Other.bySu(name))) {
                if (ProgramRunner.succeeds(way.running(List.of("test", "-w", "/dev/null")))) {
                    return way;
                }
            }
        } catch (IOException unknown) {
            // The user does not exist: try the next one.
        }
        throw new IOException("""
                The embedded PostgreSQL does not run as root, and this machine does not let root become the user %s: \
                run this command as an ordinary user, install setpriv or su, or set DATABASE_URL to a PostgreSQL of \
                your own""".formatted(name));
    }

    /** The user of this JVM, not root. */
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
     * Another user of this machine, when this JVM runs as root.
     *
     * @param name   the user
     * @param prefix the command that runs another command as the user
     * @param shell  whether the prefix expects the other command as one line for a shell
     */
    record Other(String name, List<String> prefix, boolean shell) implements OperatingSystemAccount {

        /** Switches with setpriv, so that the program cannot gain privileges again. */
        static Other bySetpriv(String name) throws IOException {
            return new Other(name, List.of("setpriv", "--reuid=" + ProgramRunner.run(List.of("id", "-u", name)),
                    "--regid=" + ProgramRunner.run(List.of("id", "-g", name)), "--clear-groups", "--no-new-privs",
                    "--"), false);
        }

        /** Switches with su, on small systems that lack setpriv. */
        static Other bySu(String name) {
            return new Other(name, List.of("su", "-s", "/bin/sh", name, "-c"), true);
        }

        @Override
        public List<String> running(List<String> command) {
            List<String> all = new ArrayList<>(prefix);
            if (shell) {
                all.add(command.stream().map(word -> "'" + word.replace("'", "'\\''") + "'")
                        .collect(Collectors.joining(" ", "exec ", "")));
            } else {
                all.addAll(command);
            }
            return all;
        }

        @Override
        public void own(Path path) throws IOException {
            Files.setOwner(path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name));
        }
    }
}
