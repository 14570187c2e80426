package dev.supportdb.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * The folder of a server. If root starts a server below a folder that no other user may enter, such as {@code /root},
 * the server's user could not reach it. Then the real folder is in {@value #ELSEWHERE}, and a link points to it.
 *
 * @param asked the folder as requested
 * @param real  its real location, which need not exist yet
 */
record ServerFolder(Path asked, Path real) {

    private static final String ELSEWHERE = "/var/lib/support-db";

    static ServerFolder of(Path folder) throws IOException {
        Path asked = folder.toAbsolutePath().normalize();
        try {
            return new ServerFolder(asked, asked.toRealPath());
        } catch (NoSuchFileException none) {
            // The folder does not exist yet.
        }
        if (!OperatingSystemAccount.isRoot() || isOpen(asked.getParent())) {
            return new ServerFolder(asked, asked);
        }
        String name = UUID.nameUUIDFromBytes(asked.toString().getBytes(StandardCharsets.UTF_8)).toString();
        return new ServerFolder(asked, Path.of(ELSEWHERE, name));
    }

    private boolean isElsewhere() {
        return !real.equals(asked) && real.startsWith(ELSEWHERE);
    }

    /** Returns whether every user may enter a folder, or its nearest parent that exists. */
    private static boolean isOpen(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return isOpen(folder.getParent());
        }
        for (Path above = folder.toRealPath(); above != null; above = above.getParent()) {
            if (!Files.getPosixFilePermissions(above).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                return false;
            }
        }
        return true;
    }

    /** Creates the folder and the link if they are missing, and lets the server's user enter them. */
    void prepare() throws IOException {
        Files.createDirectories(real);
        // Sets the permissions regardless of root's umask.
        for (Path made = real; OperatingSystemAccount.isRoot() && Files.getOwner(made).getName().equals("root")
                && made.startsWith(isElsewhere() ? Path.of(ELSEWHERE) : real); made = made.getParent()) {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        if (isElsewhere() && !Files.exists(asked)) {
            Files.deleteIfExists(asked);
            Files.createSymbolicLink(asked, real);
        }
    }

    /** Deletes the link to a deleted folder, and after the last folder also their parent. */
    void tidy() throws IOException {
        if (isElsewhere() && !Files.exists(real)) {
            Files.deleteIfExists(asked);
            try {
                Files.deleteIfExists(Path.of(ELSEWHERE));
            } catch (DirectoryNotEmptyException others) {
                // Other folders in it are still in use.
            }
        }
    }
}
