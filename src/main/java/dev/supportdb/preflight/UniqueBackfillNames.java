package dev.supportdb.preflight;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.supportdb.backfill.Backfill;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.exception.CommandExecutionException;

/**
 * Refuses two backfills with one name. They would share one control row, so each would take the other's progress for
 * its own. Filters do not matter, because the row outlives the command.
 */
final class UniqueBackfillNames {

    private UniqueBackfillNames() {
    }

    /** Refuses a changelog in which two backfills share a name. */
    static void check(DatabaseChangeLog changeLog) throws CommandExecutionException {
        Map<String, List<String>> changeSets = changeLog.getChangeSets().stream()
                .flatMap(changeSet -> Backfill.in(changeSet)
                        .map(backfill -> Map.entry(backfill.name(), changeSet.toString(false))))
                .collect(groupingBy(Map.Entry::getKey, TreeMap::new, mapping(Map.Entry::getValue, toList())));
        List<String> shared = changeSets.entrySet().stream()
                .filter(name -> name.getValue().size() > 1)
                .map(name -> "'%s': %s".formatted(name.getKey(), String.join(", ", name.getValue())))
                .toList();
        if (!shared.isEmpty()) {
            throw new CommandExecutionException("""
                    Two backfills have the same name, and would share one control row. Nothing has been changed. \
                    Rename the one that has not run.
                    - %s""".formatted(String.join("\n- ", shared)));
        }
    }
}
