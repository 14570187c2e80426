package dev.supportdb.chaos;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import liquibase.Scope;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;

/** A run of the migrator in a process of its own: one that can be killed. */
final class MigrationProcess {

    /** A command of Liquibase, with the tag it goes to; without one it goes to the head. */
    record Command(String name, String tag) {

        static final Command UPDATE = new Command("update", null);

        static Command updateTo(String tag) {
            return new Command("updateToTag", tag);
        }

        static Command rollbackTo(String tag) {
            return new Command("rollback", tag);
        }

        /** Starts the migration in a thread of this process. */
        CompletableFuture<Void> start(LiquibaseRunner migration, Map<String, Object> settings) {
            return CompletableFuture.runAsync(() -> {
                try {
                    Scope.child(settings, () -> run(migration));
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            }, task -> new Thread(task, name).start());
        }

        /** Back without a word about what only the new shape can hold. */
        void run(LiquibaseRunner migration) throws CommandExecutionException {
            migration.discarding().run(name, tag == null ? Map.of() : Map.of("tag", tag));
        }
    }

    /** Stands before the number of changesets it has run, at the end of its log. */
    static final String DEPLOYED = "Changesets deployed: ";

    private MigrationProcess() {
    }

    /**
     * @param settings of Liquibase and of this project, as with {@code -D} on the command line
     * @param log      receives what the process says
     */
    static Process start(TestDatabase database, MigrationState state, Command command, Map<String, String> settings,
            Path log)
            throws IOException {
        ProcessBuilder process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData",
                "-cp", System.getProperty("java.class.path"));
        settings.forEach((name, value) -> process.command().add("-D" + name + "=" + value));
        process.command().add(MigrationProcess.class.getName());
        process.command().add(database.url());
        process.command().add(database.username());
        process.command().add(state.labels());
        process.command().add(state.contexts());
        process.command().add(Integer.toString(state.tickets()));
        process.command().add(command.name());
        if (command.tag() != null) {
            process.command().add(command.tag());
        }
        process.environment().put("TEST_PASSWORD", database.password());
        return process.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    public static void main(String[] args) throws Exception {
        TestDatabase database = new TestDatabase(null, args[0], args[1], System.getenv("TEST_PASSWORD"));
        MigrationState state = new MigrationState(null, args[2], args[3], Integer.parseInt(args[4]));
        Command command = new Command(args[5], args.length == 6 ? null : args[6]);
        Count count = new Count();
        command.run(new LiquibaseRunner(state.of(database), Path.of(""), System.out::println, count));
        System.out.println(DEPLOYED + count.deployed);
    }

    private static final class Count extends AbstractChangeExecListener {

        private int deployed;

        @Override
        public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database database, ExecType execType) {
            deployed++;
        }
    }
}
