package dev.supportdb.chaos;

import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A way to break off the run of a migrator. */
interface Fault {

    /** How the migrator is to connect. */
    default TestDatabase seenBy(TestDatabase database) {
        return database;
    }

    /** Returns when the process has ended and the server is there again. */
    void strike(Process migrator) throws IOException, InterruptedException;

    /** By SIGKILL. */
    record Kill() implements Fault {

        @Override
        public void strike(Process migrator) throws InterruptedException {
            migrator.destroyForcibly().waitFor();
        }
    }

    record Crash(Lab lab) implements Fault {

        @Override
        public void strike(Process migrator) throws IOException, InterruptedException {
            lab.crash();
            awaitEnd(migrator);
            lab.start();
        }
    }

    /** The connection is cut when the server has committed a batch, and before the migrator knows. */
    record LostReply(CommitCutter cutter) implements Fault {

        @Override
        public TestDatabase seenBy(TestDatabase database) {
            return database.through(cutter.port());
        }

        @Override
        public void strike(Process migrator) throws InterruptedException {
            cutter.cut("for no key update");
            awaitEnd(migrator);
        }
    }

    /** A migrator without a connection must not hang; one that has none but goes on would. */
    private static void awaitEnd(Process migrator) throws InterruptedException {
        if (!migrator.waitFor(10, TimeUnit.MINUTES)) {
            throw new AssertionError("the migrator neither comes to its end nor gives up");
        }
    }
}
