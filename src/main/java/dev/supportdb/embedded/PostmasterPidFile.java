package dev.supportdb.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code postmaster.pid}, which a running server keeps in its data folder and a killed one leaves there. Its lines are
 * documented in PostgreSQL's {@code miscadmin/pidfile.h}: the first is the process id, the fourth the port.
 */
final class PostmasterPidFile {

    private final Path data;

    PostmasterPidFile(Path data) {
        this.data = data;
    }

    private Path file() {
        return data.resolve("postmaster.pid");
    }

    /** The server that runs on the data folder, if one does. */
    Optional<ProcessHandle> server() throws IOException {
        if (!Files.exists(file())) {
            return Optional.empty();
        }
        long pid = Long.parseLong(lines().get(0).strip());
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::isOurs);
    }

    /** The port that the server was started with. */
    int port() throws IOException {
        return Integer.parseInt(lines().get(3).strip());
    }

    /**
     * Removes what a killed server left: the file, whose process id may by now be that of another program, in which
     * case PostgreSQL would refuse to start; and waits for the server's children, which notice its death and go.
     */
    void clear() throws IOException {
        List<ProcessHandle> left = ProcessHandle.allProcesses().filter(any -> worksHere(any).orElse(false)).toList();
        for (ProcessHandle child : left) {
            try {
                child.onExit().get(30, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new IOException("Process %d of a killed server still uses %s: end it, then try again"
                        .formatted(child.pid(), data), e);
            }
        }
        Files.deleteIfExists(file());
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(file());
    }

    /** Whether a process that is alive is our server, and not one that was given the process id of a dead one. */
    private boolean isOurs(ProcessHandle process) {
        return worksHere(process).orElseGet(() -> isNamed(process));
    }

    /** Server and children have the data folder as their working folder; empty where that cannot be seen. */
    private Optional<Boolean> worksHere(ProcessHandle process) {
        try {
            return Optional.of(Files.isSameFile(proc(process, "cwd"), data));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** For root in a container, who may not look into another user's process; and for macOS, which has no /proc. */
    private boolean isNamed(ProcessHandle process) {
        try {
            return Files.readString(proc(process, "cmdline")).contains(data.toString());
        } catch (IOException e) {
            return process.info().command().filter(command -> command.endsWith("/postgres")).isPresent();
        }
    }

    private static Path proc(ProcessHandle process, String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }
}
