package dev.supportdb.review;

import dev.supportdb.postgres.SqlLexer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The measurements of one direction of a changeset, forward or back.
 *
 * @param transactions the transactions in their order
 * @param wal          bytes of log written meanwhile
 * @param walExact     whether these are of this session alone; else of the whole server, exact where it is quiet
 * @param backfill     null if it is none
 */
public record PassTrace(List<TransactionTrace> transactions, long wal, boolean walExact, BackfillTrace backfill) {

    public PassTrace {
        transactions = List.copyOf(transactions);
    }

    public Duration time() {
        return transactions.stream().map(TransactionTrace::time).reduce(Duration.ZERO, Duration::plus);
    }

    /** Rows inserted, updated and deleted, in all tables. */
    public long written() {
        return (backfill == null ? 0 : backfill.rows()) + transactions.stream()
                .flatMap(transaction -> transaction.statements().stream())
                .mapToLong(one -> sum(one.changed()) + sum(one.inserted())).sum();
    }

    private static long sum(Map<String, Long> rows) {
        return rows.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The same trace with the record of a backfill. */
    PassTrace with(BackfillTrace backfill) {
        return new PassTrace(transactions, wal, walExact, backfill);
    }

    /** The times of a backfill's batches, shortest first. */
    List<Duration> batches() {
        return transactions.stream().filter(TransactionTrace::isBatch).map(TransactionTrace::time).sorted().toList();
    }

    /** The strongest lock on each table. */
    public Map<String, LockMode> locks() {
        Map<String, LockMode> strongest = new TreeMap<>();
        transactions.stream().flatMap(transaction -> transaction.statements().stream())
                .forEach(one -> one.locks().forEach((table, mode) ->
                        strongest.merge(table, mode, (a, b) -> a.compareTo(b) > 0 ? a : b)));
        return strongest;
    }

    /** The tables that may have changed: a session needs a lock to write. */
    TreeSet<String> touched() {
        TreeSet<String> touched = new TreeSet<>();
        locks().forEach((table, mode) -> {
            if (mode.mayWrite()) {
                touched.add(table);
            }
        });
        return touched;
    }

    /** Rows written in a second; 0 for a pass that took no time. */
    public long rate() {
        return time().isZero() ? 0 : Math.round(written() / (time().toNanos() / 1e9));
    }

    /** All SQL of the changeset, without the comments above its statements, which do nothing. */
    String sql() {
        StringBuilder all = new StringBuilder();
        transactions.forEach(transaction -> transaction.statements()
                .forEach(statement -> all.append(SqlLexer.fromFirstWord(statement.sql())).append('\n')));
        return all.toString();
    }
}
