package dev.supportdb.deploy;

import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Position;
import dev.supportdb.changelog.PositionRange;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.Sql;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.review.Trace;
import dev.supportdb.review.WithoutValues;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.run.UpgradePlan;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.IgnoreList;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.RanChangeSet;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;

/** Runs a deployment step by step: findings, plan, backup, update, verification, record. */
public final class Deploy {

    /** Receives the progress of a deployment, and answers its question. */
    public interface Observer {

        /** Prints a line for people. */
        void say(String line);

        /** Receives the same for programs. */
        void event(DeployEvent event);

        /** Asks a person to type yes. */
        boolean confirm(String question) throws IOException;
    }

    /** Makes a backup; returns null if none is wanted. */
    public interface BackupMaker {
        BackupFolder make() throws IOException, SQLException, LiquibaseException;
    }

    /** Measures the changesets to run, on a scratch database. */
    public interface Reviewer {
        Trace of(List<ChangeSet> toRun) throws IOException, SQLException, LiquibaseException;
    }

    /** The requested positions, which may count from the current state. */
    public interface Destination {
        List<Position> of(NameParser names);
    }

    /**
     * The settings of a deployment.
     *
     * @param to              the requested positions; null for the heads
     * @param phase           null for all
     * @param plan            hash of the plan that was reviewed; null to make one and ask
     * @param review          null if nothing is to be measured before
     * @param quietFor        how long the old shape must have been unused before the phase contract
     * @param timeout         the limit for the update without its backfills
     * @param rollsBack       whether a failed update is undone
     * @param needsPrograms   whether the backup is made with pg_dump
     * @param backups         the folder of the backups
     * @param plans           the folder of the plans
     * @param smoke           the team's smoke test, a script
     * @param command         the command as typed
     * @param check           the command that shows how the schema differs from the changelog
     */
    public record Settings(TargetDatabase target, TargetDatabase scratchServer, Path root, IgnoreList ignoreList,
            Destination to, DeployPhase phase, String plan, Reviewer review, Duration quietFor, Duration timeout,
            boolean rollsBack, BackupMaker backup, boolean needsPrograms, Path backups, Path plans, Path smoke,
            String command, String check, Map<String, String> environment) {}

    /** The result of a deployment that did not fail. */
    public enum Outcome { DONE, NOTHING_TO_DO, CANCELLED, REFUSED, ROLLED_BACK, ROLLBACK_FAILED, NOT_VERIFIED }

    private static final int KEPT_BACKUPS = 10;

    /** Results of runs that may have applied all changesets and did not reach the tag. */
    private static final Set<String> UNTAGGED = Set.of("began", "not verified");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss");

    private final Settings settings;
    private final Observer observer;
    private final Instant started = Instant.now();
    private volatile DeployStep step = DeployStep.PREFLIGHT;
    private BackupFolder backup;
    private String hash = "";
    private String reads;
    private int said;

    public Deploy(Settings settings, Observer observer) {
        this.settings = settings;
        this.observer = observer;
    }

    /** The current step, for an interruption. */
    public DeployStep step() {
        return step;
    }

    private void begin(DeployStep next) {
        step = next;
        observer.event(new DeployEvent.Step(next));
    }

    private void begin(DeployStep next, String line) {
        begin(next);
        observer.say("%-10s%s".formatted(next.name().charAt(0) + next.word().substring(1), line).strip());
    }

    /**
     * Runs the deployment.
     *
     * @throws LiquibaseException if the update failed and stays as far as it came
     */
    public Outcome run() throws IOException, SQLException, LiquibaseException {
        begin(DeployStep.PREFLIGHT, settings.target().toString());
        DeployPlan plan = settings.plan() == null ? null : DeployPlan.read(settings.plans(), settings.plan());
        DeployFindings looking = findings();
        if (looking.refuse()) {
            return refused();
        }
        DatabaseState state = DatabaseState.of(settings.target(), settings.root());
        List<ChangeSet> toRun = plan == null ? wanted(state) : plan.rest(settings.target(), settings.root(), state);
        reportState("before", state);
        if (toRun.isEmpty()) {
            return nothingToRun(state);
        }
        say(looking.ofContract(toRun, state, settings.quietFor()));
        review(looking, toRun);
        if (looking.refuse()) {
            return refused();
        }

        begin(DeployStep.PLAN, Plural.of(toRun.size(), "changeset"));
        show(state, toRun);
        boolean isReviewed = plan != null;
        plan = isReviewed ? plan : DeployPlan.of(settings.target(), settings.root(), state, toRun);
        hash = plan.hash();
        observer.event(new DeployEvent.Plan(hash, toRun.size()));
        if (!isReviewed) {
            observer.say("          SQL and hash: " + plan.write(settings.plans()));
            if (!observer.confirm("Run it on %s? (yes/no) ".formatted(settings.target()))) {
                observer.say("Cancelled Nothing has been changed.");
                return Outcome.CANCELLED;
            }
        }

        if (settings.backup() == null) {
            begin(DeployStep.BACKUP, "none, as requested");
        } else {
            // The backup prints its first line itself.
            begin(DeployStep.BACKUP);
        }
        backup = settings.backup() == null ? null : settings.backup().make();
        if (backup != null) {
            observer.event(new DeployEvent.Backup(backup.toString(), proof()));
            observer.say("          " + backup);
        }
        if (!DatabaseState.of(settings.target(), settings.root()).history().equals(state.history())) {
            throw new CommandExecutionException("Another run has migrated the database during the backup. "
                    + "This command has changed nothing; run it again.");
        }
        try {
            return update(toRun);
        } finally {
            reportStateAfter();
        }
    }

    private void reportState(String when, DatabaseState state) {
        List<RanChangeSet> history = state.history();
        observer.event(new DeployEvent.State(when, history.size(), state.pending().size(),
                history.isEmpty() ? "none" : history.get(history.size() - 1).getId()));
    }

    /** Reports the state at the end, also after a failure, when the server may be gone. */
    private void reportStateAfter() {
        try {
            reportState("after", DatabaseState.of(settings.target(), settings.root()));
        } catch (LiquibaseException gone) {
            observer.event(new DeployEvent.State("after", null, null, null));
        }
    }

    /**
     * Ends a run without changesets to run. History and schema are already checked. If the last run was interrupted
     * during its verification, its remaining steps are done.
     */
    private Outcome nothingToRun(DatabaseState state) throws IOException, SQLException, LiquibaseException {
        begin(DeployStep.VERIFY, state.pending().isEmpty() ? "up to date, nothing to run"
                : "nothing to run%s; pending besides: %s".formatted(asked(state),
                        Plural.of(state.pending().size(), "changeset")));
        try {
            new SmokeTest(settings.target(), settings.smoke()).run();
        } catch (IOException e) {
            observer.say("  error   " + PrintableText.of(e.getMessage()));
            verified(List.of(e.getMessage()));
            return Outcome.NOT_VERIFIED;
        }
        verified(List.of());
        // A different command may have asked for less, and have nothing to run for that reason.
        Optional<RunRecord> last = RunRecord.of(settings.target()).stream().findFirst();
        if (last.filter(run -> run.command().equals(settings.command()) && UNTAGGED.contains(run.result()))
                .isPresent()) {
            begin(DeployStep.AFTER, "");
            tag();
            storeReads();
            record("done", 0, "");
        }
        return Outcome.NOTHING_TO_DO;
    }

    /** What was asked for, as the end of a sentence; empty for everything. */
    private String asked(DatabaseState state) {
        return settings.plan() != null ? " of the plan " + settings.plan()
                : (settings.phase() == null ? "" : " in the phase " + settings.phase().word())
                + (settings.to() == null ? ""
                : " up to " + names(settings.to().of(state.names()).stream().map(Position::toString)));
    }

    private void verified(List<String> wrong) {
        observer.event(new DeployEvent.Verified(SmokeTest.withoutValues(wrong)));
    }

    private Outcome refused() {
        observer.say("Refused   Nothing has been changed.");
        return Outcome.REFUSED;
    }

    private DeployFindings findings() throws IOException, SQLException, LiquibaseException {
        DeployFindings looking = new DeployFindings(settings.target(), settings.root()).ofDatabase();
        if (settings.needsPrograms()) {
            looking.ofBackup(settings.backups(), settings.environment());
        }
        // If a finding refuses already, the comparison may be impossible.
        if (!looking.refuse()) {
            looking.ofDrift(settings.scratchServer(), settings.ignoreList(), settings.check());
        }
        say(looking);
        return looking;
    }

    private void review(DeployFindings looking, List<ChangeSet> toRun)
            throws IOException, SQLException, LiquibaseException {
        if (settings.review() == null) {
            observer.say("          not tried on a scratch database, because of --skip-review");
        } else {
            say(looking.ofReview(settings.review().of(toRun)));
        }
        observer.event(new DeployEvent.Review(settings.review() != null));
    }

    /** Reports new findings. */
    private void say(DeployFindings looking) {
        List<DeployEvent.Finding> all = looking.all();
        all.subList(said, all.size()).forEach(finding -> {
            observer.say((finding.error() ? "  error   " : "  warning ") + indented(finding.text()));
            observer.event(finding);
        });
        said = all.size();
    }

    /** The pending changesets of the phase, up to the position. A later phase waits until the earlier ones are done. */
    private List<ChangeSet> wanted(DatabaseState state) throws CommandExecutionException {
        List<ChangeSet> pending = settings.to() == null ? state.pending() : onTheWay(state);
        if (settings.phase() == null) {
            return pending;
        }
        Map<ChangeSet, DeployPhase> phases = DeployPhase.of(pending);
        for (DeployPhase before : DeployPhase.values()) {
            if (before.compareTo(settings.phase()) < 0 && phases.containsValue(before)) {
                throw new CommandExecutionException("""
                        The phase %s waits for the phase %s, which has %s pending. Nothing has been changed. To run \
                        that first: --phase=%2$s""".formatted(settings.phase().word(), before.word(), Plural.of(
                        phases.values().stream().filter(before::equals).count(), "changeset")));
            }
        }
        return DeployPhase.only(settings.phase(), pending);
    }

    private List<ChangeSet> onTheWay(DatabaseState state) throws CommandExecutionException {
        List<Position> places = settings.to().of(state.names());
        UpgradePlan way = UpgradePlan.to(places, state);
        String named = names(places.stream().map(Position::toString));
        List<Position> needed =
                way.needed().stream().map(FeatureSlice::feature).map(Position::after).toList();
        if (places.stream().allMatch(place -> UpgradePlan.isLeftOut(place, state))) {
            throw new CommandExecutionException(
                    "The contexts or labels exclude %s. Nothing has been changed.".formatted(named));
        }
        if (!needed.isEmpty()) {
            throw new CommandExecutionException(
                    "%s needs %s of other branches. Nothing has been changed. To deploy all of it: --to=%s".formatted(
                            named, names(needed.stream().map(Position::toString)),
                            names(PositionRange.lastOnEachBranch(Stream.concat(places.stream(), needed.stream())
                                    .toList()).stream().map(Position::toString))));
        }
        List<ChangeSet> own = way.own().stream().flatMap(slice -> slice.changeSets().stream()).toList();
        return state.pending().stream().filter(own::contains).toList();
    }

    private static String names(Stream<String> names) {
        return names.collect(Collectors.joining(","));
    }

    private void show(DatabaseState state, List<ChangeSet> toRun) {
        Map<ChangeSet, DeployPhase> phases = DeployPhase.of(state.pending());
        for (DeployPhase phase : DeployPhase.values()) {
            for (FeatureSlice slice : FeatureSlice.of(state.changelog(), toRun.stream()
                    .filter(changeSet -> phases.getOrDefault(changeSet, DeployPhase.EXPAND) == phase).toList())) {
                observer.say("          %-9s%s  %s".formatted(phase.word(), slice.feature().id(),
                        Plural.of(slice.changeSets().size(), "changeset")));
            }
        }
    }

    private Outcome update(List<ChangeSet> toRun) throws IOException, SQLException, LiquibaseException {
        Verification verification = new Verification(settings);
        begin(DeployStep.UPDATE, "");
        record("began", 0, "");
        UpdateWatch watch = new UpdateWatch(settings.target(), observer, settings.timeout(), toRun.size());
        try (watch) {
            runner(watch).only(ChangesetSubset.ofChangeSets(toRun)).update();
        } catch (CommandExecutionException failure) {
            return failed(failure, watch, toRun.size(), verification);
        }

        begin(DeployStep.VERIFY, "");
        List<String> wrong = verification.wrong(toRun);
        verified(wrong);
        if (!wrong.isEmpty()) {
            wrong.forEach(line -> observer.say("  error   " + line));
            observer.say("Not verified  All changesets are applied. Nothing has been undone.");
            record("not verified", watch.applied().size(), String.join("\n", SmokeTest.withoutValues(wrong)));
            return Outcome.NOT_VERIFIED;
        }
        observer.say("          history, schema and smoke test are as expected");

        begin(DeployStep.AFTER, "");
        tag();
        if (DeployPhase.of(toRun).containsValue(DeployPhase.BACKFILL)) {
            storeReads();
        }
        record("done", watch.applied().size(), "");
        prune();
        observer.say("Done      %s applied%s".formatted(Plural.of(watch.applied().size(), "changeset"),
                backup == null ? "" : "; backup " + backup));
        return Outcome.DONE;
    }

    private LiquibaseRunner runner(UpdateWatch watch) {
        return new LiquibaseRunner(settings.target(), settings.root(),
                line -> observer.event(new DeployEvent.Message(line)),
                watch == null ? new DefaultChangeExecListener() : watch);
    }

    private Outcome failed(CommandExecutionException failure, UpdateWatch watch, int count,
            Verification verification)
            throws SQLException, LiquibaseException, IOException {
        List<ChangeSet> applied = watch.applied();
        String reason = watch.isOver() ? "It took longer than %d s, the --timeout, and was stopped."
                .formatted(settings.timeout().toSeconds()) : LiquibaseRunner.reason(failure);
        boolean breaks = DeployPhase.of(applied).containsValue(DeployPhase.CONTRACT);
        observer.say("Failed    " + indented(reason));
        observer.say("          %d of %d changesets are applied. %s".formatted(applied.size(), count, breaks
                ? "Some are of the phase contract: an old application may not work with them."
                : "An old application works with all of them."));
        String withoutValues = watch.isOver() ? reason : WithoutValues.reason(failure);
        observer.event(new DeployEvent.Failed(applied.size(), count, reason, withoutValues));
        if (!settings.rollsBack()) {
            record("failed", applied.size(), withoutValues);
            throw failure;
        }
        observer.say("Rollback  " + Plural.of(applied.size(), "changeset"));
        try {
            if (!applied.isEmpty()) {
                runner(null).only(ChangesetSubset.ofChangeSets(applied)).rollback();
            }
        } catch (CommandExecutionException e) {
            observer.say("          failed: " + indented(LiquibaseRunner.reason(e)));
            record("rollback failed", applied.size(), withoutValues + "\n" + WithoutValues.reason(e));
            return Outcome.ROLLBACK_FAILED;
        }
        Difference difference = verification.sinceBefore();
        if (!difference.isEmpty()) {
            observer.say("          the schema is not the same as before:\n" + difference);
            record("rollback failed", applied.size(), withoutValues);
            return Outcome.ROLLBACK_FAILED;
        }
        observer.say("          the schema is the same as before");
        record("rolled back", 0, withoutValues);
        return Outcome.ROLLED_BACK;
    }

    /** Tags the current state, so that Liquibase's own rollback can return to it. An existing tag stays. */
    private void tag() throws LiquibaseException {
        List<RanChangeSet> history = DatabaseState.of(settings.target(), settings.root()).history();
        String tag = history.get(history.size() - 1).getTag();
        if (tag == null) {
            tag = "deployed_" + TIME.format(LocalDateTime.ofInstant(started, ZoneId.systemDefault()));
            runner(null).run("tag", Map.of("tag", tag));
        }
        observer.event(new DeployEvent.Tag(tag));
        observer.say("          tag " + tag);
    }

    /** Stores the count of reads so far, for a comparison before the phase contract. */
    private void storeReads() throws SQLException {
        try (Connection connection = Backup.connect(settings.target())) {
            Sql.execute(connection, "set search_path = pg_catalog, pg_temp");
            reads = ContractGate.reads(connection);
        }
    }

    /**
     * Deletes old backups of this database after a new one was made, but keeps the newest ones and the newest one that
     * was proven by a restore. A failure does not change the result of the deployment.
     */
    private void prune() {
        if (backup == null) {
            return;
        }
        try {
            List<BackupFolder> all = BackupFolder.in(settings.backups(), backup.properties());
            BackupFolder proven = null;
            for (BackupFolder one : all) {
                if (proven == null && one.properties().getProperty("proof", "").equals("full")) {
                    proven = one;
                }
            }
            for (BackupFolder one : all.subList(Math.min(KEPT_BACKUPS, all.size()), all.size())) {
                if (!one.equals(proven) && !one.properties().getProperty("way", "").equals("template")) {
                    one.delete();
                    observer.say("          deleted the old backup " + one);
                }
            }
        } catch (IOException e) {
            observer.say("          old backups were not deleted: " + PrintableText.of(e.toString()));
        }
    }

    private static String indented(String text) {
        return PrintableText.of(text).replace("\n", "\n          ");
    }

    private String proof() throws IOException {
        return backup == null ? "none" : backup.properties().getProperty("proof", "");
    }

    private void record(String result, int applied, String detail) throws SQLException, IOException {
        new RunRecord(started, Instant.now(), "", RunRecord.whoAndWhere(), RunRecord.gitRevision(), settings.command(),
                hash, backup == null ? "" : backup.toString(), proof(), result, applied, detail, reads)
                .write(settings.target());
        observer.event(new DeployEvent.Recorded(result, applied, hash, backup == null ? "" : backup.toString()));
    }
}
