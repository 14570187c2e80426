package dev.supportdb.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import liquibase.changelog.ChangeSet;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * A request by the parent process to start no further changeset. It is the end of standard input, which also comes if
 * that process is killed.
 */
public final class StopRequest {

    /** Thrown instead of running the next changeset. Earlier changesets stay, and the same command resumes. */
    static final class Stopped extends UnexpectedLiquibaseException {

        private static final long serialVersionUID = 1;

        private Stopped(ChangeSet next) {
            super("Stopped on request before %s. Run the same command to resume.".formatted(next.getId()));
        }
    }

    private static final AtomicBoolean MADE = new AtomicBoolean();

    private StopRequest() {
    }

    /** Treats the end of the input as such a request from now on. */
    public static void atTheEndOf(InputStream input) {
        Thread watch = new Thread(() -> {
            try {
                input.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // An input that cannot be read counts as ended.
            }
            MADE.set(true);
        }, "stop request");
        watch.setDaemon(true);
        watch.start();
    }

    /** Ends the run before a changeset, if a stop was requested. */
    public static void check(ChangeSet next) {
        if (MADE.get()) {
            throw new Stopped(next);
        }
    }
}
