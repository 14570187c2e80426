package dev.supportdb.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.Charset;
import java.util.List;

/** Runs other programs to their end. */
final class ProgramRunner {

    private ProgramRunner() {
    }

    /**
     * @return what the program printed
     * @throws IOException with the same, when the program says that it failed
     */
    static String run(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // A folder that every account may enter.
        builder.directory(new File("/"));
        // What a person has set for psql is not meant for this server.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        Process process = builder.start();
        process.getOutputStream().close();
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
