package dev.supportdb.cli;

import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.supportdb.cli.DeployTrial.Signal;
import dev.supportdb.deploy.DeployStep;
import dev.supportdb.support.PackagedServer;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Interrupted in every way, each time in another step: the same command resumes. {@code mvn test
 * -Dtest=DeployInterruptionTrials -Dtrials=5} tries each step in each way, five times.
 */
final class DeployInterruptionTrials {

    private static PackagedServer server;
    private static int count;

    @BeforeAll
    static void start() throws Exception {
        assumeThat(PackagedServer.installed()).as("a packaged PostgreSQL with pg_dump is there").isPresent();
        server = PackagedServer.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    private static Stream<Arguments> trials() {
        int times = Integer.getInteger("trials", 0);
        return times == 0
                ? Stream.of(arguments(DeployStep.PREFLIGHT, Signal.TERM), arguments(DeployStep.PLAN, Signal.INT),
                        arguments(DeployStep.BACKUP, Signal.KILL), arguments(DeployStep.UPDATE, Signal.CRASH),
                        arguments(DeployStep.VERIFY, Signal.TERM), arguments(DeployStep.AFTER, Signal.INT))
                : Stream.of(DeployStep.values()).flatMap(step -> Stream.of(Signal.values())
                        .flatMap(signal -> Stream.generate(() -> arguments(step, signal)).limit(times)));
    }

    @ParameterizedTest
    @MethodSource("trials")
    void the_same_command_resumes(DeployStep step, Signal signal, @TempDir Path folder) throws Exception {
        DeployTrial.run(folder, server, "trial_" + ++count, step, signal);
    }
}
