package dev.supportdb.deploy;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.PostgresPrograms;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.Sql;
import dev.supportdb.preflight.PreflightFindings;
import dev.supportdb.preflight.StandbysCheck;
import dev.supportdb.review.ChangesetTrace;
import dev.supportdb.review.Trace;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.IgnoreList;
import dev.supportdb.session.SupportDatabase;
import dev.supportdb.verify.DriftCheck;
import dev.supportdb.verify.ExpectedSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;
import liquibase.lockservice.DatabaseChangeLogLock;
import liquibase.lockservice.LockServiceFactory;

/** Everything that prevents a deployment, found in one pass before anything is changed. */
final class DeployFindings {

    /** The number of differing objects that are named. */
    private static final int NAMED = 10;

    /** A backup is refused if the free space is smaller than the size of the tables divided by this. */
    private static final long SMALLEST_PART = 10;

    private final TargetDatabase target;
    private final Path root;
    private final List<DeployEvent.Finding> findings = new ArrayList<>();

    DeployFindings(TargetDatabase target, Path root) {
        this.target = target;
        this.root = root;
    }

    List<DeployEvent.Finding> all() {
        return List.copyOf(findings);
    }

    boolean refuse() {
        return findings.stream().anyMatch(DeployEvent.Finding::error);
    }

    private void error(String text) {
        findings.add(new DeployEvent.Finding(true, PrintableText.of(text.strip())));
    }

    private void warning(String text) {
        findings.add(new DeployEvent.Finding(false, PrintableText.of(text.strip())));
    }

    /** Checks the server and the history, and runs the checks of every update. */
    DeployFindings ofDatabase() throws LiquibaseException {
        try {
            Scope.child(LiquibaseRunner.scope(root, line -> { }), () -> {
                try (Database database = LiquibaseRunner.open(target, root)) {
                    Connection connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
                    findings.addAll(ofServer(connection));
                    connection.commit();
                    DatabaseChangeLogLock[] runs =
                            LockServiceFactory.getInstance().getLockService(database).listLocks();
                    if (runs.length > 0) {
                        error("Another run migrates this database: " + Arrays.stream(runs)
                                .map(DatabaseChangeLogLock::getLockedBy).collect(Collectors.joining(", ")));
                    }
                    DatabaseChangeLog parsed = Changelog.parse(target.changelog(), target.parameters());
                    PreflightFindings.of((SupportDatabase) database, target.changelog(), parsed, target.contexts(),
                            target.labels()).forEach(this::error);
                }
            });
        } catch (LiquibaseException e) {
            throw e;
        } catch (Exception e) {
            throw new CommandExecutionException(e);
        }
        return this;
    }

    /** Reads the findings about the server, in a transaction. */
    static List<DeployEvent.Finding> ofServer(Connection connection) throws SQLException, IOException {
        Sql.execute(connection, "set local search_path = pg_catalog, pg_temp");
        List<DeployEvent.Finding> findings = new ArrayList<>();
        try (InputStream file = DeployFindings.class.getResourceAsStream("server.sql")) {
            findings.addAll(Sql.rows(connection, new String(file.readAllBytes(), StandardCharsets.UTF_8),
                    row -> new DeployEvent.Finding(row.getBoolean(1), PrintableText.line(row.getString(2)))));
        }
        StandbysCheck.unusedSlots(connection)
                .forEach(slot -> findings.add(new DeployEvent.Finding(false, PrintableText.of(slot))));
        return findings;
    }

    /**
     * Finds differences between the schema and the history, except ignored ones.
     *
     * @param check the command that shows them
     */
    DeployFindings ofDrift(TargetDatabase scratchServer, IgnoreList ignoreList, String check)
            throws SQLException, LiquibaseException {
        DriftCheck drift = DriftCheck.of(target, new ExpectedSchema(scratchServer, root));
        if (!drift.gone().isEmpty()) {
            error("The history has changesets that the files do not: " + String.join(", ", drift.gone()));
        }
        if (!drift.edited().isEmpty()) {
            error("These changesets have been edited since they ran: " + String.join(", ", drift.edited()));
        }
        List<String> objects = List.copyOf(ignoreList.apply(drift.difference()).difference().objects().keySet());
        if (!objects.isEmpty()) {
            warning("The schema does not match the changelog: %s. Details: %s"
                    .formatted(Plural.some(objects, NAMED), check));
        }
        return this;
    }

    /** Finds old applications that still use columns which the phase contract drops. */
    DeployFindings ofContract(List<ChangeSet> toRun, DatabaseState state, Duration quietFor) throws SQLException {
        try (Connection connection = Backup.connect(target)) {
            Sql.execute(connection, "set search_path = pg_catalog, pg_temp");
            findings.addAll(new ContractGate(connection, quietFor, state.changelog())
                    .findings(toRun, changeSet -> state.ran(changeSet).isPresent()));
        }
        return this;
    }

    /** Finds changesets whose review has open findings, one a line, for a person to decide. */
    DeployFindings ofReview(Trace trace) {
        for (ChangesetTrace changeset : trace.changesets()) {
            changeset.findings().stream().filter(finding -> finding.accepted() == null).forEach(finding ->
                    warning("%s, %s%s: %s".formatted(changeset.changeSet().getId(), finding.judgement().word(),
                            finding.back() ? " on the way back" : "",
                            finding.reason().lines().findFirst().orElse(""))));
        }
        if (trace.failure() != null) {
            error("The trial on a scratch database failed: %s%nTo deploy without a trial: --skip-review"
                    .formatted(trace.failure()));
        }
        return this;
    }

    /** Finds missing programs, rights and space for a backup. */
    DeployFindings ofBackup(Path folder, Map<String, String> environment) throws SQLException, IOException {
        try (Connection connection = Backup.connect(target)) {
            Sql.execute(connection, "set search_path = pg_catalog, pg_temp");
            try {
                PostgresPrograms.of(connection.getMetaData().getDatabaseMajorVersion(), environment);
            } catch (IOException e) {
                error(e.getMessage());
            }
            DumpRights.refusal(connection).ifPresent(this::error);
            long needed = Sql.number(connection, """
                    select coalesce(sum(pg_table_size(oid)), 0) from pg_class
                    where relkind in ('r', 'm') and relpersistence <> 't'
                    """);
            Path there = folder.toAbsolutePath();
            while (!Files.exists(there)) {
                there = there.getParent();
            }
            long free = Files.getFileStore(there).getUsableSpace();
            String text = String.format(Locale.ROOT, "%s has %,d MB left, and the tables have %,d MB", there, free >> 20,
                    needed >> 20);
            if (free < needed / SMALLEST_PART) {
                error(text);
            } else if (free < needed) {
                warning(text + "; a dump is compressed");
            }
        }
        return this;
    }
}
