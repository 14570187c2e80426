package dev.supportdb.verify;

import dev.supportdb.backfill.DomainData;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.DataDigest;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.CommandExecutionException;

/**
 * Runs the whole changelog on a scratch database of real size: legacy-shaped data, forward to the head, a recount of
 * every derived value, all the way back, a comparison with the start, byte for byte, and forward once more.
 */
public final class Rehearsal {

    /** The changelog that the data and the verdicts of a rehearsal belong to. */
    public static final String CHANGELOG = "changelog/db.changelog-master.yaml";

    private final DomainData domain = DomainData.installed();
    private final TargetDatabase server;
    private final long rows;
    private final Duration most;
    private final PrintStream out;
    private int promises;
    private int broken;

    /**
     * @param server  a database of the server for the scratch database
     * @param rows    the size of the demo data
     * @param most    how long all changesets may take, forward for the first time; null for as long as they like
     * @param out     receives progress, the table and the verdicts
     */
    public Rehearsal(TargetDatabase server, long rows, Duration most, PrintStream out) {
        this.server = server;
        this.rows = rows;
        this.most = most;
        this.out = out;
    }

    /**
     * Runs the rehearsal; returns true if every verdict is good. The scratch database is dropped afterwards in any
     * case.
     */
    public boolean run() throws SQLException, CommandExecutionException {
        try (ScratchDatabase scratch = ScratchDatabase.beside(server, "rehearsal");
                Connection connection = scratch.connect()) {
            String labels = offersVector(connection) ? null : "!vector";
            rehearse(scratch.target(SampleData.DEMO.contexts(), labels, rows), connection);
        }
        out.println(broken == 0
                ? "rehearsal passed: all %d promises hold".formatted(promises)
                : "rehearsal FAILED: %d of %d promises do not hold".formatted(broken, promises));
        return broken == 0;
    }

    private boolean offersVector(Connection connection) throws SQLException {
        boolean offered = Sql.exists(connection, "select from pg_available_extensions where name = 'vector'");
        if (!offered) {
            out.println("This server does not have the extension vector: the branch vector is skipped.");
        }
        return offered;
    }

    private void rehearse(TargetDatabase scratch, Connection connection)
            throws SQLException, CommandExecutionException {
        ChangesetTimings stopwatch = new ChangesetTimings();
        LiquibaseRunner migration = new LiquibaseRunner(scratch, Path.of(""), this::progress, stopwatch)
                .inSameOrder();
        out.printf(Locale.ROOT, "Loading the demo data of %,d rows ...%n", rows);
        // Not timed, because the rehearsal starts after it.
        new LiquibaseRunner(scratch, Path.of(""), this::progress, new DefaultChangeExecListener())
                .updateTo(domain.start());
        Sql.execute(connection, "analyze");
        SchemaFingerprint schemaAtStart = SchemaFingerprint.of(connection);
        DataDigest dataAtStart = DataDigest.of(connection);

        out.println("Forward ...");
        forward(migration, connection);
        Map<String, Long> rows = rows(connection);
        SchemaFingerprint schemaAtHead = SchemaFingerprint.of(connection);
        DataDigest dataAtHead = DataDigest.of(connection);
        recount(connection);

        out.println("Back ...");
        // Discards the data that the rehearsal wrote in the new schema.
        migration.discarding().rollbackTo(domain.start());
        verdict("back: the same schema as at the start",
                Difference.between(schemaAtStart, SchemaFingerprint.of(connection)));
        verdict("back: the same bytes as at the start", Difference.between(dataAtStart, DataDigest.of(connection)));

        out.println("Forward again ...");
        forward(migration, connection);
        verdict("forward again: the same schema as the first time",
                Difference.between(schemaAtHead, SchemaFingerprint.of(connection)));
        verdict("forward again: the same bytes as the first time",
                Difference.between(dataAtHead, DataDigest.of(connection)));
        recount(connection);
        Duration forward = table(stopwatch, rows);
        if (most != null) {
            verdict("forward: %s s at most".formatted(seconds(most)), forward.compareTo(most) <= 0,
                    "it took %s s: not within the limit".formatted(seconds(forward)));
        }
    }

    /** Upgrades to the head, and inserts rows on the way into the source tables that legacy data lacks. */
    private void forward(LiquibaseRunner migration, Connection connection)
            throws CommandExecutionException, SQLException {
        for (String tag : domain.fillingPoints()) {
            migration.updateTo(tag);
            SampleData.DEMO.fill(connection);
        }
        migration.update();
        Sql.execute(connection, "analyze");
    }

    private void recount(Connection connection) throws SQLException {
        for (DomainData.Recount recount : domain.recounts()) {
            List<Long> wrong = recount.wrongRows(connection);
            verdict("recount: " + recount.promise(), wrong.isEmpty(), "these rows are wrong: " + wrong);
        }
    }

    private void verdict(String promise, Difference difference) {
        verdict(promise, difference.isEmpty(), difference.toString());
    }

    private void verdict(String promise, boolean holds, String otherwise) {
        promises++;
        broken += holds ? 0 : 1;
        out.println((holds ? "  ok     " : "  WRONG  ") + promise + (holds ? "" : "\n" + otherwise));
    }

    private static Map<String, Long> rows(Connection connection) throws SQLException {
        return Sql.rows(connection, "select name, rows_done from backfills",
                row -> Map.entry(row.getString(1), row.getLong(2))).stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Prints the table of times, and returns how long the upgrade took. */
    private Duration table(ChangesetTimings stopwatch, Map<String, Long> rows) {
        int width = stopwatch.times().stream().mapToInt(time -> time.changeset().length()).max().orElse(1);
        String line = "%-" + width + "s %12s %10s %10s%n";
        out.printf(line, "changeset", "rows", "forward s", "back s");
        Duration forward = Duration.ZERO;
        Duration back = Duration.ZERO;
        for (ChangesetTimings.Time time : stopwatch.times()) {
            Long moved = rows.get(time.backfill());
            out.printf(line, time.changeset(), moved == null ? "" : String.format(Locale.ROOT, "%,d", moved),
                    seconds(time.forward()), seconds(time.back()));
            forward = forward.plus(time.forward());
            back = back.plus(time.back() == null ? Duration.ZERO : time.back());
        }
        out.printf(line, "all", "", seconds(forward), seconds(back));
        return forward;
    }

    private static String seconds(Duration duration) {
        return duration == null ? "" : String.format(Locale.ROOT, "%.2f", duration.toNanos() / 1e9);
    }

    /** Prints the progress of backfills and leaves out Liquibase's own lines. */
    private void progress(String line) {
        if (line.contains(" rows of ")) {
            out.println("  " + line);
        }
    }
}
