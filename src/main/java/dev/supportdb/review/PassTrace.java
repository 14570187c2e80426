package dev.supportdb.review;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One way of a changeset, forward or back.
 *
 * @param transactions in their order
 * @param wal          bytes of log written meanwhile by the whole server: exact where it is quiet
 * @param batched      rows that a backfill has written, by its own count
 */
public record PassTrace(List<TransactionTrace> transactions, long wal, long batched) {

    public PassTrace {
        transactions = List.copyOf(transactions);
    }

    public Duration time() {
        return transactions.stream().map(TransactionTrace::time).reduce(Duration.ZERO, Duration::plus);
    }

    /** Rows inserted, updated and deleted, in all tables. */
    public long written() {
        return batched + transactions.stream().flatMap(transaction -> transaction.statements().stream())
                .mapToLong(one -> sum(one.changed()) + sum(one.inserted())).sum();
    }

    private static long sum(Map<String, Long> rows) {
        return rows.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The same with what a backfill says of itself. */
    PassTrace withBatched(long rows) {
        return new PassTrace(transactions, wal, rows);
    }

    /** The strongest lock on each table. */
    public Map<String, LockMode> locks() {
        Map<String, LockMode> strongest = new TreeMap<>();
        transactions.stream().flatMap(transaction -> transaction.statements().stream())
                .forEach(one -> one.locks().forEach((table, mode) ->
                        strongest.merge(table, mode, (a, b) -> a.compareTo(b) > 0 ? a : b)));
        return strongest;
    }

    /** Tables that may differ from before: no session writes without a lock that says so. */
    TreeSet<String> touched() {
        TreeSet<String> touched = new TreeSet<>();
        locks().forEach((table, mode) -> {
            if (mode.mayWrite()) {
                touched.add(table);
            }
        });
        return touched;
    }

    /** All that was said to the server. */
    String sql() {
        StringBuilder all = new StringBuilder();
        transactions.forEach(transaction -> transaction.statements()
                .forEach(statement -> all.append(statement.sql()).append('\n')));
        return all.toString();
    }
}
