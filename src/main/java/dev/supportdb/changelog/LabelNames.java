package dev.supportdb.changelog;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import liquibase.LabelExpression;
import liquibase.Labels;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;

/** The labels a filter names. One that is mistyped would select nothing, without a word, or behind a "not" too much. */
public final class LabelNames {

    private LabelNames() {
    }

    /**
     * Refuses a filter with a label that no changeset has or had when it ran. A changelog may do without the phases.
     */
    public static void check(LabelExpression filter, DatabaseChangeLog changeLog, List<RanChangeSet> history)
            throws WrongFilter {
        Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        known.addAll(Phase.ALL);
        Stream.concat(changeLog.getChangeSets().stream().flatMap(LabelNames::labels),
                        history.stream().map(RanChangeSet::getLabels).filter(Objects::nonNull))
                .map(Labels::getLabels).flatMap(Set::stream).forEach(known::add);
        List<String> unknown = filter == null ? List.of() : FilterWords.names(filter.toString()).stream()
                .filter(word -> !known.contains(word)).toList();
        if (!unknown.isEmpty()) {
            throw new WrongFilter(
                    "There is no label '%s'. The labels of this changelog: %s. Nothing has been changed."
                            .formatted(String.join("', '", unknown), String.join(", ", known)));
        }
    }

    private static Stream<Labels> labels(ChangeSet changeSet) {
        return Stream.concat(Stream.of(changeSet.getLabels()), changeSet.getInheritableLabels().stream());
    }
}
