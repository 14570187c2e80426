package dev.supportdb.cli;

import dev.supportdb.changelog.Branch;
import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureState;
import dev.supportdb.postgres.Json;
import dev.supportdb.postgres.Sha256;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.SchemaFingerprint;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.ChecksumVersion;
import liquibase.changelog.RanChangeSet;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "current", description = "Show where the database is on each branch, and what is pending.",
        exitCodeOnExecutionException = 2, mixinStandardHelpOptions = true)
final class CurrentCommand implements Callable<Integer> {

    @Mixin
    private EnvironmentOptions environment;

    @Option(names = "--check", description = "exit with 1 if anything is pending or wrong, with 2 if the "
            + "database could not be read")
    private boolean check;

    @Option(names = "--json", description = "as JSON, for a program")
    private boolean json;

    @Override
    public Integer call() throws IOException, SQLException, LiquibaseException {
        TargetDatabase target = environment.settings().target();
        DatabaseState standing = DatabaseState.of(target, Path.of(""));
        if (json) {
            Map<String, Object> map = asMap(standing);
            try (Connection connection = target.connect()) {
                map.put("basis", basis(standing, SchemaFingerprint.of(connection), connection));
                map.put("bytes", Sql.number(connection, "select pg_database_size(current_database())"));
            }
            System.out.println(Json.of(map));
        } else {
            print(standing);
        }
        boolean isRight = standing.pending().isEmpty() && standing.edited().isEmpty()
                && standing.notes().all().isEmpty();
        return check && !isRight ? 1 : 0;
    }

    private static void print(DatabaseState standing) {
        ChangelogOverview overview = new ChangelogOverview(standing.changelog(), standing);
        List<List<String>> rows = new ArrayList<>(List.of(List.of("branch", "at", "pending", "")));
        for (Branch branch : standing.changelog().branches()) {
            rows.add(List.of(branch.name(), at(standing, branch), inWords(pending(standing, branch)),
                    notes(overview, branch)));
        }
        Console.table(rows);
        Console.unknownChangesets(standing);
        Console.editedChangesets(standing);
        standing.notes().all().forEach(System.out::println);
    }

    /** The pending features in words; if there are many, the first and the last. */
    private static String inWords(List<Feature> pending) {
        int count = pending.size();
        return count == 0 ? "nothing"
                : count <= 3 ? pending.stream().map(Feature::name).collect(Collectors.joining(", "))
                : "%s to %s (%d)".formatted(pending.get(0).name(), pending.get(count - 1).name(), count);
    }

    /** The features that are neither applied nor pending. */
    private static String notes(ChangelogOverview overview, Branch branch) {
        List<Feature> leftOut = branch.features().stream()
                .filter(feature -> overview.state(feature) == FeatureState.LEFT_OUT).toList();
        if (leftOut.size() == branch.features().size()) {
            return "left out";
        }
        return branch.features().stream()
                .filter(feature -> leftOut.contains(feature) || overview.state(feature) == FeatureState.WAITING)
                .map(feature -> feature.name() + " " + overview.inWords(feature)).collect(Collectors.joining(", "));
    }

    /** The last applied feature of the branch. Earlier features may be pending. */
    private static String at(DatabaseState standing, Branch branch) {
        return branch.features().stream().filter(feature -> standing.ran(feature).isPresent())
                .reduce((first, second) -> second).map(Feature::name).orElse("base");
    }

    private static List<Feature> pending(DatabaseState standing, Branch branch) {
        return branch.features().stream()
                .filter(feature -> feature.changeSets().stream().anyMatch(standing.pending()::contains)).toList();
    }

    /**
     * A digest of everything that affects the review of pending changesets: two databases with the same digest share
     * one.
     */
    private static String basis(DatabaseState standing, SchemaFingerprint schema, Connection connection)
            throws SQLException {
        return Sha256.of(Stream.of(
                Stream.of(Integer.toString(connection.getMetaData().getDatabaseMajorVersion())),
                standing.history().stream().map(ran -> ran + " " + ran.getLastCheckSum()).sorted(),
                standing.pending().stream().map(changeSet ->
                        changeSet + " " + changeSet.generateCheckSum(ChecksumVersion.latest())),
                schema.lines().stream()).flatMap(lines -> lines).collect(Collectors.joining("\n")));
    }

    private static Map<String, Object> asMap(DatabaseState standing) {
        List<Map<String, Object>> branches = new ArrayList<>();
        for (Branch branch : standing.changelog().branches()) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("branch", branch.name());
            map.put("at", at(standing, branch));
            map.put("pending", pending(standing, branch).stream().map(Feature::id).toList());
            branches.add(map);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("behind", !standing.pending().isEmpty());
        map.put("changesets", standing.pending().size());
        map.put("branches", branches);
        map.put("notes", standing.notes().all());
        map.put("unknown", standing.unknown().stream().map(RanChangeSet::getId).toList());
        map.put("edited", standing.edited().stream().map(RanChangeSet::getId).toList());
        return map;
    }
}
