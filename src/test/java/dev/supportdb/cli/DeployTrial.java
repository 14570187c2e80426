package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.deploy.DeployStep;
import dev.supportdb.postgres.Sql;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Eventually;
import dev.supportdb.support.PackagedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A deployment that is interrupted in a step, and what the same command makes of it. The step is held up by what it
 * does itself: a program that sleeps, a lock on its table, a smoke test that waits, a team that is told slowly.
 */
final class DeployTrial {

    /** The kind of interruption. */
    enum Signal { INT, TERM, KILL, CRASH }

    private final DeployProject project;
    private final Path hold;

    private DeployTrial(DeployProject project) {
        this.project = project;
        this.hold = project.folder().resolve("hold");
    }

    /** Interrupts one in a new project, and gives the same command again. */
    static void run(Path folder, PackagedServer server, String name, DeployStep step, Signal signal) throws Exception {
        DeployProject project = DeployProject.in(folder, server, name);
        try {
            new DeployTrial(project).run(step, signal);
        } finally {
            server.drop(project.database());
        }
    }

    private void run(DeployStep step, Signal signal) throws Exception {
        Snapshot before = project.database().snapshot();
        Path smoke = project.folder().resolve("contexts/smoke.sql");
        String passes = Files.readString(smoke);
        Files.writeString(hold, step.word());
        if (step == DeployStep.VERIFY) {
            Files.writeString(smoke, passes + "select pg_sleep(60);\n");
        }
        Process process;
        String said;
        try (Connection blocker = project.database().connect()) {
            if (step == DeployStep.UPDATE) {
                blocker.setAutoCommit(false);
                Sql.execute(blocker, "select from crates limit 1");
            }
            process = project.start(variables(), arguments());
            if (step != DeployStep.PLAN) {
                DeployProject.answer(process, "yes");
            }
            List<ProcessHandle> children = awaitStep(process, step);
            interrupt(process, signal);
            if (signal == Signal.CRASH && step == DeployStep.PLAN) {
                DeployProject.answer(process, "yes");
            }
            said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(40, TimeUnit.SECONDS)).as(said).isTrue();
            for (ProcessHandle child : children) {
                child.onExit().get(40, TimeUnit.SECONDS);
            }
        }
        if (signal == Signal.INT || signal == Signal.TERM) {
            assertThat(said).contains("Interrupted in the step %s. %s. The same command %s.".formatted(step.word(),
                    step.state(), step.next()), "Report    logs/migration_");
            assertThat(project.report("json")).contains("\"result\": \"interrupted\"");
        }
        assertState(step, signal, before);

        Files.delete(hold);
        Files.writeString(smoke, passes);
        CommandRun again = project.run(variables(), arguments());
        assertThat(again.exitCode()).as(said + again.output()).isZero();
        assertThat(project.history()).hasSize(6);
        assertThat(project.database().texts("select tag from databasechangelog where orderexecuted = 6"))
                .singleElement().asString().matches("deployed_\\d{8}_\\d{6}");
        assertThat(project.backups()).isNotEmpty().allMatch(name -> name.matches("pre_migration_\\d{8}_\\d{6}"));
        assertNothingLeft();
    }

    /** Old and healthy, or new and healthy; what the table says of the step. */
    private void assertState(DeployStep step, Signal signal, Snapshot before) throws Exception {
        if (step.compareTo(DeployStep.UPDATE) < 0 && !(signal == Signal.CRASH && step == DeployStep.PLAN)) {
            assertThat(project.database().snapshot().differenceTo(before)).isEmpty();
            assertThat(project.backups()).allMatch(name -> signal == Signal.KILL && name.endsWith(".unfinished"));
        }
        if (step == DeployStep.UPDATE) {
            assertThat(project.history()).hasSize(3);
        }
        if (step.compareTo(DeployStep.UPDATE) > 0) {
            assertThat(project.history()).hasSize(6);
        }
        project.database().awaitThat("not exists (select from pg_locks where locktype = 'advisory')");
    }

    private void assertNothingLeft() throws Exception {
        assertThat(project.server().any().texts("select datname from pg_database where datname ~ '^(support|drift)_'"))
                .isEmpty();
        project.server().any().awaitThat("""
                not exists (select from pg_stat_activity
                    where application_name in ('pg_dump', 'pg_restore', 'support-db'))
                """);
    }

    private Map<String, String> variables() throws IOException {
        return project.programs("""
                read -r step <'%1$s' 2>/dev/null
                if [ "$step" = preflight ] && [ "$1" = --version ]; then exec sleep 60; fi
                if [ "$step" = backup ] && [ "$1" != --version ]; then exec sleep 60; fi
                """.formatted(hold));
    }

    private String[] arguments() {
        return new String[] {"deploy", "--skip-review", "--notify=read -r message; case $message in *'\"done\"'*) "
                + "if [ \"$(cat '%s' 2>/dev/null)\" = after ]; then exec sleep 60; fi;; esac".formatted(hold)};
    }

    /** Returns the programs that run for it by then. */
    private List<ProcessHandle> awaitStep(Process process, DeployStep step) throws Exception {
        String event = "\"event\": \"step\", \"step\": \"%s\"".formatted(step.word());
        Eventually.until(() -> isLogged(event) && (!sleeps(step) || process.descendants()
                .anyMatch(child -> child.info().commandLine().orElse("").contains("sleep 60"))),
                () -> "the step %s does not begin: %s".formatted(step, process.isAlive() ? "" : said(process)));
        if (step == DeployStep.UPDATE) {
            Eventually.until(() -> project.database().count("select count(*) from databasechangelog") == 3,
                    () -> "no changeset runs");
        }
        if (step == DeployStep.VERIFY) {
            project.database().awaitThat("exists (select from pg_stat_activity where query ~ 'pg_sleep.60' "
                    + "and pid <> pg_backend_pid())");
        }
        return new ArrayList<>(process.descendants().toList());
    }

    private static boolean sleeps(DeployStep step) {
        return List.of(DeployStep.PREFLIGHT, DeployStep.BACKUP, DeployStep.AFTER).contains(step);
    }

    private boolean isLogged(String event) {
        try {
            return project.log().contains(event);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String said(Process process) {
        try {
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void interrupt(Process process, Signal signal) throws Exception {
        if (signal == Signal.CRASH) {
            project.database().letGo();
            project.server().any().letGo();
            project.server().crash();
            project.server().resume();
            return;
        }
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor()).isZero();
    }
}
