package dev.supportdb.review;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** The statements of one transaction, or a statement outside a transaction. */
public record TransactionTrace(List<StatementTrace> statements) {

    private static final Set<String> ENGINE = Set.of("public.backfills", "public.backfill_ranges");

    public TransactionTrace {
        statements = List.copyOf(statements);
    }

    /** Returns whether it may have written to a table other than those of the backfill engine. */
    boolean isBatch() {
        return statements.stream().flatMap(statement -> statement.locks().entrySet().stream())
                .anyMatch(lock -> lock.getValue().mayWrite() && !ENGINE.contains(lock.getKey()));
    }

    /**
     * A lock on a table, from the statement that took it to the end of the transaction.
     *
     * @param by    the statement
     * @param held  the longest possible time: the statement may have taken it only at its end
     * @param under the statements that ran under it, this one first
     */
    public record Lock(String table, LockMode mode, StatementTrace by, Duration held, List<StatementTrace> under) {}

    /**
     * Returns the locks in the order in which they were taken; a table that is locked again in a stronger mode has
     * another lock.
     */
    public List<Lock> locks() {
        List<Lock> locks = new ArrayList<>();
        for (int i = 0; i < statements.size(); i++) {
            TransactionTrace rest = new TransactionTrace(statements.subList(i, statements.size()));
            StatementTrace by = statements.get(i);
            by.locks().forEach((table, mode) ->
                    locks.add(new Lock(table, mode, by, rest.time(), rest.statements())));
        }
        return locks;
    }

    public Duration time() {
        return statements.stream().map(StatementTrace::time).reduce(Duration.ZERO, Duration::plus);
    }

    Map<String, Long> sum(Function<StatementTrace, Map<String, Long>> what) {
        Map<String, Long> sum = new TreeMap<>();
        statements.forEach(statement -> what.apply(statement)
                .forEach((table, rows) -> sum.merge(table, rows, Long::sum)));
        return sum;
    }
}
