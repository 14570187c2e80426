package dev.supportdb.verify;

import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Snapshot;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import liquibase.exception.CommandExecutionException;

/**
 * Checks that every rollback of a changelog restores the old schema and the old data, to the byte, on a scratch
 * database for each {@link SampleData}.
 *
 * <p>It runs all changesets forward, all back and all forward again, and reads the state after each: a changeset that
 * began from its original state, and left the right one, is proven as well as if it had been undone and run again
 * alone. Only if that does not prove all of them, each is tried alone, on a fresh database, to name every one that is
 * wrong.
 */
public final class RollbackCheck {

    /** The thousands of commits of a check need not survive a crash of the server. */
    private static final String DO_NOT_WAIT_FOR_THE_DISK = """
            do $$ begin
                execute format('alter database %I set synchronous_commit = off', current_database());
            end $$
            """;

    private final TargetDatabase server;
    private final long rows;
    private final PrintStream out;
    private final Consumer<String> progress;

    /**
     * @param server   a database of the server for the scratch databases, and the changelog
     * @param rows     the size of the demo data
     * @param out      receives the problems, and a line for each data set
     * @param progress receives the changeset at hand, and an empty text before anything goes to {@code out}
     */
    public RollbackCheck(TargetDatabase server, long rows, PrintStream out, Consumer<String> progress) {
        this.server = server;
        this.rows = rows;
        this.out = out;
        this.progress = progress;
    }

    /** The findings for one data set. */
    private record Result(int changesets, boolean isProven, List<String> findings) {}

    private interface Way {
        List<String> findings(RollbackObserver watch, LiquibaseRunner migration) throws CommandExecutionException;
    }

    /** Runs the check; returns true if nothing is wrong. The scratch databases are dropped afterwards in any case. */
    public boolean run() throws SQLException, CommandExecutionException {
        out.printf("%s: each changeset forward, back and forward again%n", server.changelog());
        int wrong = 0;
        for (SampleData data : SampleData.values()) {
            long start = System.nanoTime();
            Result result = on(data, RollbackObserver.NO_ROWS_COPIED, RollbackCheck::together);
            if (!result.isProven() || !result.findings().isEmpty()) {
                result = on(data, RollbackObserver.MOST_ROWS_COPIED, RollbackCheck::eachAlone);
            }
            progress.accept("");
            out.printf(Locale.ROOT, "  %-8s %d changesets, %d wrong, %.0f s%n", data.lowerCase(),
                    result.changesets(), result.findings().size(), (System.nanoTime() - start) / 1e9);
            result.findings().forEach(finding -> out.println("  WRONG  " + finding.strip().replace("\n", "\n    ")));
            wrong += result.findings().size();
        }
        out.println(wrong == 0 ? "rollback check passed" : "rollback check FAILED");
        return wrong == 0;
    }

    private Result on(SampleData data, long copied, Way way) throws SQLException, CommandExecutionException {
        try (ScratchDatabase scratch = ScratchDatabase.beside(server, "rollback_check");
                Connection connection = scratch.connect();
                Connection another = scratch.connect()) {
            Sql.execute(connection, DO_NOT_WAIT_FOR_THE_DISK);
            RollbackObserver watch = new RollbackObserver(connection, data, copied).readingSchemaOver(another)
                    .telling(new Counter(data.lowerCase(), progress));
            TargetDatabase target = scratch.target(data.contexts(), server.labels(), rows);
            // Discards data that only the new schema can hold: the check compares the old schema and its data.
            LiquibaseRunner migration = new LiquibaseRunner(target, Path.of(""), line -> { }, watch).discarding()
                    .inSameOrder().withoutPauses();
            List<String> findings = new ArrayList<>();
            try {
                findings.addAll(way.findings(watch, migration));
            } catch (CommandExecutionException e) {
                findings.addAll(watch.wrong());
                findings.add("%s%nfails, so later changesets were not checked: %s"
                        .formatted(watch.atHand(), LiquibaseRunner.reason(e)));
            }
            return new Result(watch.changesets().size(), watch.isProven(), findings);
        }
    }

    /** Prints lines such as {@code demo      57  forward 005_ticket_priority_enum-05-fill_priority_new}. */
    private static final class Counter implements Consumer<String> {

        private final String data;
        private final Consumer<String> progress;
        private int count;

        private Counter(String data, Consumer<String> progress) {
            this.data = data;
            this.progress = progress;
        }

        @Override
        public void accept(String changeset) {
            progress.accept("%-8s %4d  %s".formatted(data, ++count, changeset));
        }
    }

    private static List<String> together(RollbackObserver watch, LiquibaseRunner migration)
            throws CommandExecutionException {
        Snapshot start = watch.now();
        migration.update();
        Snapshot head = watch.now();
        return backAndForward(watch, migration, start, head);
    }

    private static List<String> eachAlone(RollbackObserver watch, LiquibaseRunner migration)
            throws CommandExecutionException {
        Snapshot start = watch.now();
        watch.eachAlone(migration, migration, (changeset, why) -> {
            throw why;
        });
        return backAndForward(watch, migration, start, watch.now());
    }

    private static List<String> backAndForward(RollbackObserver watch, LiquibaseRunner migration, Snapshot start,
            Snapshot head) throws CommandExecutionException {
        migration.rollback(watch.changesets().size());
        Snapshot back = watch.now();
        migration.update();
        List<String> findings = new ArrayList<>(watch.wrong());
        if (findings.isEmpty()) {
            compare("after the rollback of all changesets, the database is not what it was at the start",
                    start, back, findings);
            compare("after all changesets ran again, the database is not what it was the first time",
                    head, watch.now(), findings);
        }
        return findings;
    }

    private static void compare(String otherwise, Snapshot expected, Snapshot actual, List<String> findings) {
        String difference = expected.differenceTo(actual);
        if (!difference.isEmpty()) {
            findings.add(otherwise + ":\n" + difference);
        }
    }
}
