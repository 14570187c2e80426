package dev.supportdb.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs other programs and waits for their end. */
final class ProgramRunner {

    /**
     * The variables that programs get. A server passes its environment on to everything that runs in it, so passwords
     * and settings of this process are left out.
     */
    private static final Set<String> KEPT = Set.of("PATH", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH");

    private ProgramRunner() {
    }

    /**
     * Runs a program without input.
     *
     * @return the output of the program, with that of its standard error
     * @throws IOException with the output, if the program fails
     */
    static String run(List<String> command) throws IOException {
        return run(command, "");
    }

    /**
     * Runs a program.
     *
     * @param input the program's standard input
     * @return the output of the program, with that of its standard error
     * @throws IOException with the output, if the program fails
     */
    static String run(List<String> command, String input) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Every account may enter this folder.
        builder.directory(new File("/"));
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(KEPT);
        // The output is parsed, which works in English only.
        environment.put("LC_ALL", "C");
        Process process = builder.start();
        try (OutputStream stream = process.getOutputStream()) {
            stream.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException ended) {
            // The program has ended, and its output tells why.
        }
        String output = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset()).strip();
        if (exitCode(process) != 0) {
            throw new IOException(output);
        }
        return output;
    }

    static boolean succeeds(List<String> command) {
        try {
            run(command);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int exitCode(Process process) throws InterruptedIOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }
}
