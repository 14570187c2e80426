package dev.supportdb.chaos;

import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A way to break off the run of a migrator. */
interface Fault {

    /** Returns the database as the migrator connects to it. */
    default TestDatabase seenBy(TestDatabase database) {
        return database;
    }

    /** Returns when the process has ended and the server is there again. */
    void strike(Process migrator, TestDatabase database) throws IOException, InterruptedException, SQLException;

    /** A pattern that is found in what the migrator says; before any stack trace. */
    default String lastWords() {
        return "";
    }

    /** Kills the process with SIGKILL. */
    record Kill() implements Fault {

        @Override
        public void strike(Process migrator, TestDatabase database) throws InterruptedException {
            migrator.destroyForcibly().waitFor();
        }
    }

    /** @param signal with which it is crashed */
    record Crash(ChaosServer lab, String signal) implements Fault {

        @Override
        public void strike(Process migrator, TestDatabase database) throws IOException, InterruptedException {
            lab.crash(signal);
            awaitEnd(migrator);
            lab.start();
        }
    }

    /**
     * Ends a session or cancels its statement; if the migrator has several, any of them.
     *
     * @param function the function of the server that does it
     * @param reason   the migrator's message
     */
    record Intervention(String function, Pattern reason, Random random) implements Fault {

        /** The second is what comes next where Liquibase passes over the first: some settings it reads on the side. */
        static final Pattern TERMINATED = Pattern.compile(
                "terminating connection due to administrator command|This connection has been closed");

        private static final Pattern CANCELLED = Pattern.compile("canceling statement due to user request");

        static Intervention terminate(Random random) {
            return new Intervention("pg_terminate_backend", TERMINATED, random);
        }

        static Intervention cancel(Random random) {
            return new Intervention("pg_cancel_backend", CANCELLED, random);
        }

        @Override
        public void strike(Process migrator, TestDatabase database) throws InterruptedException, SQLException {
            List<String> pids = database.texts("""
                    select pid from pg_stat_activity
                    where datname = current_database() and application_name = 'support-db' order by pid
                    """);
            if (!pids.isEmpty()) {
                database.execute("select %s(%s)".formatted(function, pids.get(random.nextInt(pids.size()))));
            }
            awaitEnd(migrator);
        }

        @Override
        public String lastWords() {
            return "Exception in thread \"main\" [^\t]*(%s)".formatted(reason);
        }
    }

    /** The connection is cut when the server has committed a batch, and before the migrator knows. */
    record LostReply(CommitCutter cutter) implements Fault {

        @Override
        public TestDatabase seenBy(TestDatabase database) {
            return database.through(cutter.port());
        }

        @Override
        public void strike(Process migrator, TestDatabase database) throws InterruptedException {
            cutter.cut("for no key update");
            awaitEnd(migrator);
            // If the migrator had finished its last batch, the cut must not strike the next run too early.
            cutter.spare();
        }
    }

    /** A migrator without a connection must not hang; one that has none but goes on would. */
    private static void awaitEnd(Process migrator) throws InterruptedException {
        if (!migrator.waitFor(10, TimeUnit.MINUTES)) {
            throw new AssertionError("the migrator neither comes to its end nor gives up");
        }
    }
}
