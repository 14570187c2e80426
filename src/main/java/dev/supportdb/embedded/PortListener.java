package dev.supportdb.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A port on 127.0.0.1 and the process that listens on it. */
record PortListener(int port) {

    private static final String LISTENS = "0A";

    boolean isFree() {
        try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            return free.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    /** Finds the next free port; if there is none, returns the port before this one. */
    int next() {
        return IntStream.rangeClosed(port + 1, 65535).filter(other -> new PortListener(other).isFree()).findFirst()
                .orElse(port - 1);
    }

    /** Names the listening process if the system shows it: on Linux, to the process's own user and to root. */
    Optional<String> describe() {
        Set<String> sockets = Stream.of("tcp", "tcp6").flatMap(table -> sockets(Path.of("/proc/net", table)))
                .collect(Collectors.toSet());
        return sockets.isEmpty() ? Optional.empty() : ProcessHandle.allProcesses()
                .filter(process -> links(process, "fd").anyMatch(sockets::contains)).findFirst()
                .map(process -> "process %d (%s in %s)".formatted(process.pid(),
                        process.info().command().orElse("a program").replaceFirst(".*/", ""),
                        link(proc(process, "cwd")).orElse("some folder")));
    }

    /** The sockets that listen on the port, as {@code /proc/PID/fd} names them; proc(5) documents the columns. */
    private Stream<String> sockets(Path table) {
        try {
            return Files.readAllLines(table).stream().map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length > 9 && words[3].equals(LISTENS)
                            && words[1].endsWith(":%04X".formatted(port)))
                    .map(words -> "socket:[" + words[9] + "]");
        } catch (IOException none) {
            return Stream.empty();
        }
    }

    private static Stream<String> links(ProcessHandle process, String folder) {
        try (Stream<Path> files = Files.list(proc(process, folder))) {
            return files.flatMap(file -> link(file).stream()).toList().stream();
        } catch (IOException hidden) {
            return Stream.empty();
        }
    }

    private static Optional<String> link(Path file) {
        try {
            return Optional.of(Files.readSymbolicLink(file).toString());
        } catch (IOException hidden) {
            return Optional.empty();
        }
    }

    private static Path proc(ProcessHandle process, String file) {
        return Path.of("/proc", Long.toString(process.pid()), file);
    }
}
