package dev.supportdb.changelog;

import dev.supportdb.deploy.Migration;
import dev.supportdb.support.State;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import liquibase.changelog.visitor.DefaultChangeExecListener;

/** An update, or a rollback to a tag, in a process of its own: one that can be killed. */
final class MigrationProcess {

    private MigrationProcess() {
    }

    /** @param tag where to roll back to; null for an update */
    static Process start(TestDatabase database, State state, String tag, Path log) throws IOException {
        ProcessBuilder process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData",
                "-cp", System.getProperty("java.class.path"), MigrationProcess.class.getName(),
                database.url(), database.username(), state.labels(), state.contexts(),
                Integer.toString(state.tickets()));
        if (tag != null) {
            process.command().add(tag);
        }
        process.environment().put("TEST_PASSWORD", database.password());
        return process.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    public static void main(String[] args) throws Exception {
        TestDatabase database = new TestDatabase(null, args[0], args[1], System.getenv("TEST_PASSWORD"));
        State state = new State(null, args[2], args[3], Integer.parseInt(args[4]));
        Migration migration = new Migration(
                state.of(database), Path.of(""), System.out::println, new DefaultChangeExecListener());
        if (args.length == 5) {
            migration.update();
        } else {
            migration.rollbackTo(args[5]);
        }
    }
}
