package dev.supportdb.cli;

import dev.supportdb.deploy.RunRecord;
import dev.supportdb.postgres.Json;
import java.io.IOException;
import java.sql.SQLException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "runs", exitCodeOnExecutionException = ExitCode.MISUSED, mixinStandardHelpOptions = true,
        description = "List the deployments of a database, the newest first, also those that were undone.")
final class RunsCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Override
    public Integer call() throws IOException, SQLException {
        List<RunRecord> runs = RunRecord.of(environment.settings().target());
        if (json) {
            System.out.println(Json.of(runs.stream().map(RunsCommand::map).toList()));
        } else if (runs.isEmpty()) {
            System.out.println("No run is recorded: %s records them.".formatted(environment.command("deploy")));
        } else {
            List<List<String>> rows = new ArrayList<>(List.of(
                    List.of("started", "by", "result", "applied", "revision", "plan", "proof", "backup")));
            runs.forEach(run -> rows.add(List.of(run.started().truncatedTo(ChronoUnit.SECONDS).toString(),
                    run.login() + ", " + run.client(), run.result(), Integer.toString(run.applied()), run.revision(),
                    run.plan(), run.proof(), run.backup())));
            Console.table(rows, column -> column == 3);
        }
        return ExitCode.DONE;
    }

    /** A run for JSON, without its counts of statements, which only the next deployment needs. */
    static Map<String, Object> map(RunRecord run) {
        Map<String, Object> map = Json.components(run);
        map.remove("reads");
        return map;
    }
}
