package dev.supportdb.cli;

import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Position;
import dev.supportdb.deploy.Age;
import dev.supportdb.deploy.Deploy;
import dev.supportdb.deploy.DeployPhase;
import dev.supportdb.deploy.DeployReport;
import dev.supportdb.postgres.ExitHook;
import dev.supportdb.review.Trace;
import dev.supportdb.review.Tracer;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "deploy", mixinStandardHelpOptions = true,
        description = {"Migrate a database in production: check, plan, ask, back up, update, verify, record.",
            "Lists everything that prevents the deployment before anything is changed. If it is interrupted, run the "
                + "same command again."},
        footer = {"Exits with 0 if everything is done, nothing is pending, or the answer was no.",
            "",
            "  ./supportdb deploy --env=production --phase=expand",
            "  ./supportdb deploy --env=production --plan=1f2e3d4c5b6a7988    the reviewed plan"})
final class DeployCommand implements Callable<Integer> {

    private static final int DAY = 86_400;

    /** The longest time that a lock may block others. */
    private static final Duration MOST_LOCK = Duration.ofSeconds(1);

    @Mixin
    private EnvironmentOptions environment;

    @Mixin
    private BackupOptions backup;

    @Option(names = "--phase", paramLabel = "PHASE",
            description = "expand, backfill or contract alone (default: all that is pending)")
    private String phase;

    @Option(names = "--to", paramLabel = "NAME",
            description = "only up to a feature such as 016, named as for upgrade; separate several with commas")
    private String to;

    @Option(names = "--plan", paramLabel = "HASH",
            description = "run the reviewed plan, plans/HASH.sql, without asking")
    private String plan;

    @Option(names = "--review-rows", defaultValue = "1000", paramLabel = "ROWS",
            description = "rows in each table of the scratch database on which the pending changesets are tried "
                    + "(default: ${DEFAULT-VALUE})")
    private long rows;

    @Option(names = "--skip-review", description = "do not try them on a scratch database; the report says so")
    private boolean skipReview;

    @Option(names = "--quiet-for", defaultValue = "24h", paramLabel = "TIME",
            description = "time without a write of an old application before the phase contract; 0 skips the check "
                    + "(default: ${DEFAULT-VALUE})")
    private String quietFor;

    @Option(names = "--timeout", defaultValue = "300", paramLabel = "SECONDS",
            description = "time limit of the update, not counting backfills (default: ${DEFAULT-VALUE})")
    private int timeout;

    @Option(names = "--on-failure", defaultValue = "stop", paramLabel = "WHAT",
            description = "stop: the same command resumes; rollback: undo this run (default: ${DEFAULT-VALUE})")
    private String onFailure;

    @Option(names = "--notify", defaultValue = "${env:DEPLOY_NOTIFY}", paramLabel = "COMMAND",
            description = "a shell command that gets a message as JSON on its standard input when the deployment "
                    + "starts, succeeds or fails")
    private String notify;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        TargetDatabase target = environment.settings().target();
        backup.check();
        phase();
        if (plan != null && (phase != null || to != null)) {
            throw misuse("--plan says what runs: leave out --phase and --to");
        }
        if (rows < 1) {
            throw misuse("Nothing can be tried on %d rows: give at least one, or --skip-review".formatted(rows));
        }
        quietFor();
        seconds();
        rollsBack();
        // If the server does not answer, no log is created either.
        DatabaseState.requireWritable(target, Path.of(""));
        try (DeployLog log = new DeployLog(CallingFolder.ofProject("logs"), notify == null ? "" : notify)) {
            DeployReport report = new DeployReport(log, target.toString(), typed(), this::ofPlan);
            Deploy deploy = new Deploy(settings(target, log), report);
            Map<String, Object> about = new LinkedHashMap<>();
            about.put("database", target.toString());
            about.put("log", log.file().toString());
            ExitHook interrupted = new ExitHook(() -> interrupted(deploy, report, log));
            try {
                log.notifyTeam("started", about);
                Deploy.Outcome outcome = deploy.run();
                report(about, () -> report.write(log.file(), outcome));
                about.put("result", outcome.name().toLowerCase(Locale.ROOT).replace('_', ' '));
                log.notifyTeam(exitCode(outcome) == ExitCode.DONE ? "done" : "failed", about);
                return exitCode(outcome);
            } catch (IOException | SQLException | LiquibaseException | RuntimeException e) {
                // An interruption makes the current step fail, and has a report of its own.
                if (interrupted.remove()) {
                    about.put("step", deploy.step().word());
                    about.put("reason", report.reason(deploy.step(), e));
                    report(about, () -> report.write(log.file(), deploy.step(), e));
                    log.notifyTeam("failed", about);
                }
                throw e;
            } finally {
                if (interrupted.remove()) {
                    sayWhere(log, about);
                }
            }
        }
    }

    private Deploy.Settings settings(TargetDatabase target, DeployLog log) throws IOException {
        return new Deploy.Settings(target, backup.scratch().server(target), Path.of(""),
                backup.scratch().ignoreList(target), to == null ? null : this::places, phase(), plan,
                skipReview ? null : toRun -> measured(target, toRun), quietFor(), Duration.ofSeconds(seconds()),
                rollsBack(),
                backup.isNone() ? null : () -> backup.make(target, log::say), backup.isDump(), backup.folder(),
                CallingFolder.ofProject("plans"), Path.of("contexts", "smoke.sql"),
                typed(), environment.command("check"), System.getenv());
    }

    /** The command as typed, to be pasted. */
    private String typed() {
        return environment.command("deploy", TypedWords.of(command));
    }

    /** The command that runs a reviewed plan with the same options. */
    private String ofPlan(String hash) {
        return environment.command("deploy", Stream.concat(
                Stream.of(TypedWords.of(command, "--phase", "--to", "--plan")), Stream.of("--plan=" + hash))
                .toArray(String[]::new));
    }

    private List<Position> places(NameParser names) {
        try {
            return SqlRange.places(names, to, "heads");
        } catch (IllegalArgumentException e) {
            throw misuse(e.getMessage());
        }
    }

    private Trace measured(TargetDatabase target, List<ChangeSet> toRun)
            throws IOException, SQLException, LiquibaseException {
        MeasuredPart part = MeasuredPart.pending(target).only(toRun);
        try (ProgressLine progress = new ProgressLine()) {
            return new Tracer(backup.scratch().server(target), Path.of(""), rows, MOST_LOCK,
                    text -> progress.show("          measuring " + text)).run(part.there(), part.traced(), target);
        }
    }

    private Duration quietFor() {
        try {
            return Age.of(quietFor);
        } catch (IllegalArgumentException e) {
            throw misuse("--quiet-for: " + e.getMessage());
        }
    }

    private DeployPhase phase() {
        return phase == null ? null : Stream.of(DeployPhase.values()).filter(one -> one.word().equals(phase))
                .findFirst().orElseThrow(() -> misuse("A phase is expand, backfill or contract, not '%s'"
                        .formatted(phase)));
    }

    private int seconds() {
        if (timeout < 1 || timeout > DAY) {
            throw misuse("--timeout is a number of seconds from 1 to %d, not %d".formatted(DAY, timeout));
        }
        return timeout;
    }

    private boolean rollsBack() {
        if (!List.of("stop", "rollback").contains(onFailure)) {
            throw misuse("--on-failure is stop or rollback, not '%s'".formatted(onFailure));
        }
        return onFailure.equals("rollback");
    }

    private ParameterException misuse(String why) {
        return new ParameterException(command.commandLine(), why);
    }

    /** Reports an interruption, by Ctrl-C or another signal that lets the process end in order. */
    private static void interrupted(Deploy deploy, DeployReport report, DeployLog log) {
        System.out.println("\nInterrupted in the step %s. %s. The same command %s.".formatted(deploy.step().word(),
                deploy.step().state(), deploy.step().next()));
        Map<String, Object> about = new LinkedHashMap<>();
        report(about, () -> report.writeInterrupted(log.file(), deploy.step()));
        sayWhere(log, about);
    }

    private static void sayWhere(DeployLog log, Map<String, Object> about) {
        System.out.println("Log       " + log.file());
        System.out.println("Report    " + about.getOrDefault("report", "none"));
    }

    /** Writes a report and returns its page. */
    private interface ReportWriter {
        Path write() throws IOException;
    }

    /** Writes a report. A failure to write it must not hide the result of the deployment. */
    private static void report(Map<String, Object> about, ReportWriter writer) {
        try {
            about.put("report", writer.write().toString());
        } catch (IOException e) {
            System.out.println("The report cannot be written: " + e.getMessage());
        }
    }

    /** The exit code of an outcome. Exceptions have the exit codes of all commands. */
    private static int exitCode(Deploy.Outcome outcome) {
        return switch (outcome) {
            case DONE, NOTHING_TO_DO, CANCELLED -> ExitCode.DONE;
            case REFUSED -> ExitCode.REFUSED;
            case ROLLED_BACK -> ExitCode.ROLLED_BACK;
            case ROLLBACK_FAILED, NOT_VERIFIED -> ExitCode.NEEDS_PERSON;
        };
    }
}
