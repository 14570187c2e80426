package dev.supportdb.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import liquibase.changelog.ChangeSet;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * The request of the process that started this one to begin no further changeset. It is made by the end of standard
 * input, which comes as well when that process is killed.
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

    /** From here on the end of the input is such a request. */
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

    /** Ends the run in place of a changeset, where it was asked to stop. */
    public static void check(ChangeSet next) {
        if (MADE.get()) {
            throw new Stopped(next);
        }
    }
}
