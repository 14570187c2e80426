package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.FeatureState;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.run.DatabaseState;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.RanChangeSet;

/**
 * The features of the files, and their state in a database.
 *
 * @param standing null if no database was asked, or none answered
 */
record ChangelogOverview(Changelog changelog, DatabaseState standing) {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'");

    NameParser names() {
        return standing == null ? new NameParser(changelog) : standing.names();
    }

    /** The heading of the column with the state of the database. */
    String heading() {
        return standing == null ? "" : "applied";
    }

    /** The state of a feature; null if it is unknown. */
    FeatureState state(Feature feature) {
        return standing == null ? null : standing.state(feature);
    }

    /** The time the feature was applied, or why it is not; empty if unknown. */
    String inWords(Feature feature) {
        if (standing == null) {
            return "";
        }
        return switch (standing.state(feature)) {
            case APPLIED -> time(standing.ran(feature).orElseThrow());
            case PARTLY -> "%s, %d of %d".formatted(time(standing.ran(feature).orElseThrow()),
                    feature.workingChangeSets().stream().filter(this::hasRun).count(),
                    feature.workingChangeSets().size());
            case WAITING -> waits(feature);
            case PENDING, LEFT_OUT -> standing.state(feature).inWords();
        };
    }

    private String waits(Feature feature) {
        String missing = changelog.needs(feature).stream()
                .filter(need -> standing.state(need) != FeatureState.APPLIED)
                .map(Feature::name).collect(Collectors.joining(", "));
        return missing.isEmpty() ? "deferred" : "waits for " + missing;
    }

    private boolean hasRun(ChangeSet changeSet) {
        return standing.ran(changeSet).isPresent();
    }

    /** The time a changeset ran, or that it is pending; empty if unknown. */
    String inWords(ChangeSet changeSet) {
        return standing == null ? "" : standing.ran(changeSet).map(ChangelogOverview::time)
                .orElse(standing.pending().contains(changeSet) ? "pending"
                        : standing.waiting().contains(changeSet) ? "deferred" : "left out");
    }

    private static String time(RanChangeSet ran) {
        return TIME.format(utc(ran));
    }

    /**
     * The time in UTC, which every run writes: the history has no time zone, and the driver assumes this machine's
     * zone.
     */
    private static LocalDateTime utc(RanChangeSet ran) {
        return ran.getDateExecuted().toInstant().atZone(ZoneId.systemDefault()).toLocalDateTime();
    }

    /** A feature for JSON; unknown values are null. */
    Map<String, Object> asMap(Feature feature) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("feature", feature.id());
        map.put("branch", feature.branch());
        map.put("number", feature.number());
        map.put("name", feature.name());
        map.put("path", feature.path());
        map.put("needs", changelog.needs(feature).stream().map(Feature::id).toList());
        map.put("head", changelog.isHead(feature));
        map.put("state", standing == null ? null : state(feature).inWords());
        map.put("applied",
                standing == null ? null : standing.ran(feature).map(ChangelogOverview::instant).orElse(null));
        return map;
    }

    /** A changeset for JSON. */
    Map<String, Object> asMap(ChangeSet changeSet) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", changeSet.getId());
        map.put("author", changeSet.getAuthor());
        map.put("path", changeSet.getFilePath());
        map.put("comment", changeSet.getComments());
        map.put("labels", labels(List.of(changeSet)));
        map.put("context", context(changeSet));
        map.put("transaction", changeSet.isRunInTransaction());
        map.put("applied",
                standing == null ? null : standing.ran(changeSet).map(ChangelogOverview::instant).orElse(null));
        return map;
    }

    /** The contexts in which a changeset runs; empty if it runs in all environments. */
    static String context(ChangeSet changeSet) {
        return changeSet.getContextFilter().isEmpty() ? "" : changeSet.getContextFilter().toString();
    }

    private static String instant(RanChangeSet ran) {
        return utc(ran).toInstant(ZoneOffset.UTC).toString();
    }

    /** The labels of the changesets' includes, then their own. */
    static List<String> labels(List<ChangeSet> changeSets) {
        return Stream.concat(
                        changeSets.stream().flatMap(changeSet -> changeSet.getInheritableLabels().stream()),
                        changeSets.stream().map(ChangeSet::getLabels))
                .flatMap(labels -> labels.getLabels().stream()).distinct().toList();
    }
}
