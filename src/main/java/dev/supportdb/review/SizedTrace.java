package dev.supportdb.review;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The measurements of changesets at one size, each by its name, {@code file::id::author}.
 *
 * @param forward the passes forward, in the order in which they ran
 * @param back    the passes back, for those that were undone
 * @param start   the tables before the first of them
 * @param rows    the most rows that each table had
 */
public record SizedTrace(Map<String, Pass> forward, Map<String, Pass> back, TableSizes start, Map<String, Long> rows) {

    /**
     * The measurements of one direction of a changeset.
     *
     * @param time the time; for a backfill with its pauses
     * @param work rows read and written by table
     */
    public record Pass(Duration time, Map<String, Long> work, PassTrace trace) {}

    public SizedTrace {
        forward = Collections.unmodifiableMap(new LinkedHashMap<>(forward));
        back = Map.copyOf(back);
        rows = Map.copyOf(rows);
    }

    /** The rows read and written, by table. */
    static Map<String, Long> work(List<StatementTrace> statements) {
        Map<String, Long> work = new TreeMap<>();
        statements.forEach(statement -> List.of(statement.read(), statement.changed(), statement.inserted())
                .forEach(rows -> rows.forEach((table, count) -> work.merge(table, count, Long::sum))));
        return work;
    }
}
