package dev.supportdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.preflight.RefuseChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.ChangeFactory;
import org.junit.jupiter.api.Test;

/**
 * The names that changelogs and services refer to. A changeset that has been deployed never changes, so none of these
 * may be renamed or moved once there is a release; a new one is added here.
 */
final class FrozenNamesTest {

    private static final Set<String> IN_CHANGELOGS = Set.of(
            "dev.supportdb.backfill.SqlBackfill",
            "dev.supportdb.domain.CustomerContactsBackfill",
            "dev.supportdb.domain.CustomerScoreBackfill",
            "dev.supportdb.domain.ResponseTimesBackfill",
            "dev.supportdb.domain.TicketMetricsBackfill");

    /** The services by their file in {@code META-INF/services}. */
    private static final Map<String, List<String>> SERVICES = Map.of(
            "dev.supportdb.backfill.DomainData", List.of("dev.supportdb.domain.SupportData"),
            "liquibase.change.Change", List.of("dev.supportdb.preflight.RefuseChange",
                    "dev.supportdb.preflight.DropsChange", "dev.supportdb.objects.ReplaceColumnChange",
                    "dev.supportdb.objects.PrepareReplacementChange", "dev.supportdb.preflight.WritesChange"),
            "liquibase.command.CommandStep", List.of("dev.supportdb.session.ConnectionStep",
                    "dev.supportdb.session.ScriptHeaderStep", "dev.supportdb.session.ListLocksStep",
                    "dev.supportdb.preflight.Preflight",
                    "dev.supportdb.preflight.LockedCommandCheck",
                    "dev.supportdb.preflight.DropAllCheck",
                    "dev.supportdb.preflight.ReleaseLocksCheck"),
            "liquibase.configuration.AutoloadedConfigurations", List.of(
                    "dev.supportdb.backfill.engine.BackfillSettings$Settings",
                    "dev.supportdb.postgres.LockRetry$Settings", "dev.supportdb.preflight.RefuseChange$Settings",
                    "dev.supportdb.preflight.SearchPathCheck$Settings",
                    "dev.supportdb.preflight.SubscribersCheck$Settings",
                    "dev.supportdb.session.SupportDatabase$Settings"),
            "liquibase.database.Database", List.of("dev.supportdb.session.SupportDatabase"),
            "liquibase.database.DatabaseConnection", List.of("dev.supportdb.session.EnvironmentConnection"),
            "liquibase.lockservice.LockService", List.of("dev.supportdb.session.SessionLock"),
            "liquibase.sqlgenerator.SqlGenerator", List.of("dev.supportdb.session.HistoryTableGenerator"));

    private static final Path SOURCES = Path.of("src/main/java");
    private static final Path SERVICE_FILES = Path.of("src/main/resources/META-INF/services");
    private static final Pattern NAMED = Pattern.compile("\\b(?:class|className): *[\"']?(dev\\.supportdb\\.[\\w.$]+)");

    @Test
    void a_changelog_names_no_other_class() throws IOException {
        Set<String> named = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("changelog"))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".yaml")).toList()) {
                named.addAll(named(Files.readString(file)));
            }
        }
        assertThat(named).containsExactlyInAnyOrderElementsOf(IN_CHANGELOGS);
    }

    @Test
    void the_services_are_these() throws IOException {
        Map<String, List<String>> services = new TreeMap<>();
        try (Stream<Path> files = Files.list(SERVICE_FILES)) {
            for (Path file : files.toList()) {
                services.put(file.getFileName().toString(),
                        Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList());
            }
        }
        assertThat(services).isEqualTo(new TreeMap<>(SERVICES));
    }

    @Test
    void each_of_these_names_is_that_of_a_class() {
        assertThat(Stream.concat(IN_CHANGELOGS.stream(), SERVICES.values().stream().flatMap(List::stream)))
                .filteredOn(name -> !isThere(name)).isEmpty();
    }

    @Test
    void the_change_refuse_is_known_to_liquibase() {
        assertThat(Scope.getCurrentScope().getSingleton(ChangeFactory.class).create("refuse"))
                .isInstanceOf(RefuseChange.class);
    }

    @Test
    void a_name_that_is_not_frozen_or_not_there_is_found() {
        assertThat(named("""
                - customChange: {class: dev.supportdb.domain.Renamed}
                - customPrecondition: {className: "dev.supportdb.session.Other"}
                - customChange: {class: org.example.Theirs}
                """)).containsExactlyInAnyOrder("dev.supportdb.domain.Renamed", "dev.supportdb.session.Other")
                .noneMatch(FrozenNamesTest::isThere);
    }

    private static Set<String> named(String yaml) {
        Set<String> named = new TreeSet<>();
        NAMED.matcher(yaml).results().forEach(name -> named.add(name.group(1)));
        return named;
    }

    private static boolean isThere(String name) {
        return Files.exists(SOURCES.resolve(name.replaceFirst("\\$.*", "").replace('.', '/') + ".java"));
    }
}
