package dev.supportdb.review;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.postgres.Sql;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.RollbackObserver;
import dev.supportdb.verify.SampleData;
import dev.supportdb.verify.ScratchDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import liquibase.Contexts;
import liquibase.Scope;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.CommandExecutionException;
import liquibase.resource.ResourceAccessor;

/**
 * Runs changesets one by one on a scratch database, forward, back and forward again, with rows in the tables, and
 * judges each by what the server did.
 */
public final class Tracer {

    private final TargetDatabase server;
    private final Path root;
    private final long rows;
    private final Duration limit;
    private final Consumer<String> progress;

    /**
     * @param server   a database of the server for the scratch database, with the changelog and the filters of a target
     * @param root     the folder the changelog's path starts from
     * @param rows     how many there are to be in a table
     * @param limit    the longest that a lock may stop others
     * @param progress receives the changeset at hand, with a counter
     */
    public Tracer(TargetDatabase server, Path root, long rows, Duration limit, Consumer<String> progress) {
        this.server = server;
        this.root = root;
        this.rows = rows;
        this.limit = limit;
        this.progress = progress;
    }

    /**
     * Runs it all; the scratch database is gone afterwards in any case.
     *
     * @param there  what has run before
     * @param traced what is to be looked at
     * @param like   a database whose users' objects are to be there as well; null for none
     * @throws CommandExecutionException where the state before cannot be made
     */
    public Trace run(Collection<ChangeSet> there, Collection<ChangeSet> traced, TargetDatabase like)
            throws SQLException, CommandExecutionException, IOException {
        try (ScratchDatabase scratch = ScratchDatabase.beside(server, "trace");
                Connection connection = scratch.connect();
                SessionWatch session = new SessionWatch(scratch)) {
            TargetDatabase target = scratch.target(contexts(), server.labels(), rows);
            progress.accept("the state before");
            new LiquibaseRunner(target, root, line -> { }, new DefaultChangeExecListener())
                    .only(ChangesetSubset.ofChangeSets(there)).update();
            String users = like == null ? "without what users add" : usersObjects(like, scratch);
            SampleData.DEMO.fill(connection);
            Map<String, String> empty = GeneratedRows.fill(connection, rows);
            Sql.execute(connection, "analyze");

            RollbackObserver proof = new RollbackObserver(connection, SampleData.DEMO);
            MeasuredRun measured = new MeasuredRun(scratch, connection, session, proof, traced.size(), progress);
            LiquibaseRunner migration = new LiquibaseRunner(target, root, line -> { }, measured).discarding()
                    .over(session::connect);
            String failure = null;
            try {
                proof.eachAlone(migration.only(ChangesetSubset.ofChangeSets(traced)), migration, measured::failed);
            } catch (CommandExecutionException e) {
                failure = LiquibaseRunner.reason(e);
            }
            return new Trace(Sql.text(connection, "show server_version"), basis(users), judged(measured), empty,
                    failure);
        }
    }

    /** Those of the target, and those that have rows. */
    private String contexts() {
        String sample = SampleData.DEMO.contexts();
        return new Contexts(server.contexts()).getContexts().contains(sample) ? server.contexts()
                : server.contexts() + "," + sample;
    }

    private static String usersObjects(TargetDatabase like, ScratchDatabase scratch)
            throws SQLException, IOException {
        try (Connection connection = scratch.connect()) {
            return new UsersObjects(like).copyTo(connection);
        }
    }

    private String basis(String users) {
        return String.format(Locale.ROOT, "the schema that the changelog makes, %s; up to %,d rows in a table", users,
                rows);
    }

    private List<ChangesetTrace> judged(MeasuredRun measured) throws IOException {
        ResourceAccessor files = (ResourceAccessor) LiquibaseRunner.scope(root, line -> { })
                .get(Scope.Attr.resourceAccessor.name());
        List<ChangesetTrace> judged = new ArrayList<>();
        for (MeasuredRun.Measured one : measured.all()) {
            if (!SampleData.isDemo(one.changeSet())) {
                judged.add(new Judge(measured, limit, files).of(one));
            }
        }
        return judged;
    }

    static boolean isBackfill(ChangeSet changeSet) {
        return Backfill.in(changeSet).findAny().isPresent();
    }
}
