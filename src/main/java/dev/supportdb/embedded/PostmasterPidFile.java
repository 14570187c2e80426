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
 * The file {@code postmaster.pid}, which a running server keeps in its data folder and a killed one leaves there.
 * PostgreSQL's {@code miscadmin/pidfile.h} documents its lines: the first is the process id, the fourth the port, the
 * eighth the state of the server.
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

    /** The server that runs on the data folder; empty if there is none. */
    Optional<ProcessHandle> server() throws IOException {
        return line(1).filter(line -> line.matches("\\d{1,10}")).map(Long::parseLong).flatMap(ProcessHandle::of)
                .filter(ProcessHandle::isAlive).filter(this::isOurs);
    }

    /** The port that the server was started with; 0 if the server has not written it yet. */
    int port() throws IOException {
        return line(4).filter(line -> line.matches("\\d{1,5}")).map(Integer::parseInt).orElse(0);
    }

    /**
     * Waits until a server on the data folder is ready, or no program uses the folder any more. A killed command may
     * have left programs that still run, and a killed server child processes, which exit soon.
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

    /** Removes the file of a killed server, whose process id another program may have now. */
    void clear() throws IOException {
        Files.deleteIfExists(file());
    }

    /**
     * Stops the server and ends all connections to it.
     *
     * @return false if there is none
     */
    boolean stop() throws IOException {
        Optional<ProcessHandle> server = server();
        if (server.isEmpty()) {
            return false;
        }
        String pid = Long.toString(server.get().pid());
        // Sends a signal, because pg_ctl refuses to run as root, and root may have to stop the server of any user.
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

    /** Returns whether a live process is our server, and not one that got the process id of a dead one. */
    private boolean isOurs(ProcessHandle process) {
        return worksHere(process).orElseGet(() -> isNamed(process));
    }

    /**
     * Returns whether the process is a program of PostgreSQL that works in the data folder or has it as an argument.
     */
    private boolean uses(ProcessHandle process) {
        List<String> words = words(process);
        // The children of a server show their activity in place of their arguments.
        return (words.get(0).startsWith("postgres: ") || PROGRAMS.contains(words.get(0).replaceFirst(".*/", "")))
                && (words.contains(data.toString()) || worksHere(process).orElse(false));
    }

    /**
     * Returns whether the data folder is the working folder of the process, as for the server and its children; empty
     * if the system does not show it.
     */
    private Optional<Boolean> worksHere(ProcessHandle process) {
        try {
            return Optional.of(Files.isSameFile(proc(process, "cwd"), data));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns whether the arguments name the data folder. Used by root in a container, who may not look into other
     * users' processes, and on macOS, which has no /proc.
     */
    private boolean isNamed(ProcessHandle process) {
        List<String> words = words(process);
        return words.size() > 1 ? words.contains(data.toString()) : words.get(0).endsWith("/postgres");
    }

    /** The words of the command that started a process; only the program if the system shows no more. */
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
