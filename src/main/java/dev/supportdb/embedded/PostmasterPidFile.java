package dev.supportdb.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code postmaster.pid}, which a running server keeps in its data folder and a killed one leaves there. Its lines are
 * documented in PostgreSQL's {@code miscadmin/pidfile.h}: the first is the process id, the fourth the port, the eighth
 * what the server is doing.
 */
final class PostmasterPidFile {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Set<String> PROGRAMS = Set.of("initdb", "pg_ctl", "postgres");

    private final Path data;

    PostmasterPidFile(Path data) {
        this.data = data;
    }

    private Path file() {
        return data.resolve("postmaster.pid");
    }

    /** The server that runs on the data folder, if one does. */
    Optional<ProcessHandle> server() throws IOException {
        return line(1).filter(line -> line.matches("\\d{1,10}")).map(Long::parseLong).flatMap(ProcessHandle::of)
                .filter(ProcessHandle::isAlive).filter(this::isOurs);
    }

    /** The port that the server was started with; 0 when it has not written it yet. */
    int port() throws IOException {
        return line(4).filter(line -> line.matches("\\d{1,5}")).map(Integer::parseInt).orElse(0);
    }

    /**
     * Waits until a server is ready on the data folder, or no program uses it any more: a command that was killed may
     * have left some that are still at work, and a killed server its children, which notice its death and go.
     */
    void settle() throws IOException {
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            boolean ready = line(8).filter(state -> state.matches("ready|standby")).isPresent();
            List<ProcessHandle> left = ready && server().isPresent() ? List.of()
                    : ProcessHandle.allProcesses().filter(this::uses).toList();
            if (left.isEmpty()) {
                return;
            }
            if (Instant.now().isAfter(end)) {
                throw new IOException("Process %d, started by an earlier command, still uses %s: end it (kill %d)"
                        .formatted(left.get(0).pid(), data, left.get(0).pid()) + ", then run the same command again");
            }
            await(left.get(0), Duration.ofMillis(50));
        }
    }

    /** Removes what a killed server left: its process id may by now be that of another program. */
    void clear() throws IOException {
        Files.deleteIfExists(file());
    }

    /**
     * Ends the server and all connections to it.
     *
     * @return false when there is none
     */
    boolean stop() throws IOException {
        Optional<ProcessHandle> server = server();
        if (server.isEmpty()) {
            return false;
        }
        String pid = Long.toString(server.get().pid());
        // A signal, because pg_ctl refuses to run as root, and root may have to stop the server of any user.
        ProgramRunner.run(List.of("sh", "-c", "kill -INT \"$0\"", pid));
        if (!await(server.get(), PATIENCE)) {
            throw new IOException("The server does not stop: end its process (kill -QUIT %s), then run the same command"
                    .formatted(pid) + " again");
        }
        return true;
    }

    private static boolean await(ProcessHandle process, Duration patience) throws IOException {
        try {
            process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException | ExecutionException e) {
            throw new IOException("Interrupted", e);
        }
    }

    private Optional<String> line(int number) throws IOException {
        try {
            return Files.readAllLines(file(), StandardCharsets.ISO_8859_1).stream().skip(number - 1L).findFirst()
                    .map(String::strip);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    /** Whether a process that is alive is our server, and not one that was given the process id of a dead one. */
    private boolean isOurs(ProcessHandle process) {
        return worksHere(process).orElseGet(() -> isNamed(process));
    }

    /** Returns whether a program of PostgreSQL's works in the data folder, or was told to. */
    private boolean uses(ProcessHandle process) {
        List<String> words = words(process);
        // The children of a server show their activity in place of their arguments.
        return (words.get(0).startsWith("postgres: ") || PROGRAMS.contains(words.get(0).replaceFirst(".*/", "")))
                && (words.contains(data.toString()) || worksHere(process).orElse(false));
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
        List<String> words = words(process);
        return words.size() > 1 ? words.contains(data.toString()) : words.get(0).endsWith("/postgres");
    }

    /** The words of the command that started a process; one alone, the program, where that is all that can be seen. */
    private static List<String> words(ProcessHandle process) {
        try {
            return List.of((new String(Files.readAllBytes(proc(process, "cmdline")), StandardCharsets.UTF_8) + " ")
                    .split("\0"));
        } catch (IOException none) {
            return List.of(process.info().command().orElse(""));
        }
    }

    private static Path proc(ProcessHandle process, String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }
}
