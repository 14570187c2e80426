package dev.supportdb.verify;

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
import liquibase.exception.CommandExecutionException;

/**
 * Whether every way back of a changelog gives the old schema and the old data, to the byte: each changeset up, down and
 * up, then all of them down, newest first, and up again, on a scratch database for each {@link SampleData}.
 */
public final class RollbackCheck {

    private final TargetDatabase server;
    private final long rows;
    private final PrintStream out;

    /**
     * @param server  a database of the server to try it on, and the changelog; the scratch databases are made beside it
     * @param rows    the size of the demo data
     * @param out     receives what is wrong, and a line for each data set
     */
    public RollbackCheck(TargetDatabase server, long rows, PrintStream out) {
        this.server = server;
        this.rows = rows;
        this.out = out;
    }

    /** Runs it all; true when nothing is wrong. The scratch databases are gone afterwards in any case. */
    public boolean run() throws SQLException {
        out.printf("%s: each changeset up, down and up, then all of them down and up%n", server.changelog());
        int wrong = 0;
        for (SampleData data : SampleData.values()) {
            long start = System.nanoTime();
            try (ScratchDatabase scratch = ScratchDatabase.beside(server, "rollback_check");
                    Connection connection = scratch.connect()) {
                RollbackObserver watch = new RollbackObserver(connection, data);
                TargetDatabase target = scratch.target(data.contexts(), server.labels(), rows);
                // What only the new shape can hold is lost on purpose: here it is the old one that counts.
                LiquibaseRunner migration = new LiquibaseRunner(target, Path.of(""), line -> { }, watch).discarding();
                List<String> findings = findings(watch, migration);
                out.printf(Locale.ROOT, "  %-8s %d changesets, %d wrong, %.0f s%n", data.lowerCase(),
                        watch.changesets().size(), findings.size(), (System.nanoTime() - start) / 1e9);
                findings.forEach(finding -> out.println("  WRONG  " + finding.strip().replace("\n", "\n    ")));
                wrong += findings.size();
            }
        }
        out.println(wrong == 0 ? "rollback check passed" : "rollback check FAILED");
        return wrong == 0;
    }

    private static List<String> findings(RollbackObserver watch, LiquibaseRunner migration) {
        try {
            Snapshot start = watch.now();
            watch.eachAlone(migration, migration, (changeset, why) -> {
                throw why;
            });
            Snapshot head = watch.now();
            migration.rollback(watch.changesets().size());
            Snapshot back = watch.now();
            migration.update();

            List<String> findings = new ArrayList<>(watch.wrong());
            if (findings.isEmpty()) {
                compare("all undone, they do not leave what was there at the start", start, back, findings);
                compare("all done again, they do not leave what they left the first time", head, watch.now(), findings);
            }
            return findings;
        } catch (CommandExecutionException e) {
            List<String> findings = new ArrayList<>(watch.wrong());
            findings.add("%s%nfails, and what comes after it is not looked at: %s"
                    .formatted(watch.atHand(), LiquibaseRunner.reason(e)));
            return findings;
        }
    }

    private static void compare(String otherwise, Snapshot expected, Snapshot actual, List<String> findings) {
        String difference = expected.differenceTo(actual);
        if (!difference.isEmpty()) {
            findings.add(otherwise + ":\n" + difference);
        }
    }
}
