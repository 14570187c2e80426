package dev.supportdb.support;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Lets one of the JVMs that run the tests side by side build in {@code target}; the others wait. */
public final class BuildLock {

    private static final Path FILE = Path.of("target/build.lock");

    /** What is done meanwhile. */
    public interface Build<T> {
        T run() throws IOException, InterruptedException;
    }

    private BuildLock() {
    }

    public static <T> T during(Build<T> build) throws IOException, InterruptedException {
        try (FileChannel file = FileChannel.open(FILE, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.lock();
            return build.run();
        }
    }
}
