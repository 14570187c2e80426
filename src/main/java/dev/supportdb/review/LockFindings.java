package dev.supportdb.review;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import dev.supportdb.review.TransactionTrace.Lock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The findings about locks of one direction of a changeset.
 *
 * @param pass      the measurements of that direction
 * @param back      whether it is the rollback
 * @param rows      the row counts of all tables before it, by qualified name
 * @param own       the tables among them that the same file has created, which nobody uses yet
 * @param backfill  whether it works in short transactions of its own
 * @param limit     the longest time that a blocking lock may be held
 */
record LockFindings(PassTrace pass, boolean back, Map<String, Long> rows, Set<String> own, boolean backfill,
        Duration limit) {

    /** The number of rows from which reading or writing them counts: fewer take an instant. */
    private static final long MANY_ROWS = 1000;

    /** They count only if they are also at least one in this many rows of the table. */
    private static final int SHARE = 10;

    /** The lock timeout of a run, as {@code postgres/LockRetry} sets it. */
    private static final Duration LOCK_TIMEOUT = Duration.ofMillis(100);

    List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        for (TransactionTrace transaction : pass.transactions()) {
            transaction.locks().stream().filter(lock -> lock.mode().isBlocking() && isInUse(lock.table()))
                    .collect(groupingBy(Lock::by, LinkedHashMap::new, Collectors.toList()))
                    .values().forEach(locks -> held(locks, findings));
            changed(transaction, findings);
            if (backfill && transaction.isBatch() && transaction.time().compareTo(limit) > 0) {
                findings.add(Finding.of(Judgement.BLOCKING, back, "A batch took %s, and its rows were locked so long."
                        .formatted(seconds(transaction.time())), transaction.statements().get(0).brief()));
            }
        }
        timeout(findings);
        return findings;
    }

    private boolean isInUse(String table) {
        return rows.containsKey(table) && !own.contains(table);
    }

    /** @param locks the locks of one statement */
    private void held(List<Lock> locks, List<Finding> findings) {
        Lock strongest = locks.stream().max(Comparator.comparing(Lock::mode)).orElseThrow();
        Map<String, Long> scanned = scanned(strongest.under());
        List<String> rewritten = strongest.under().stream().flatMap(one -> one.rewritten().stream())
                .filter(this::isInUse).distinct().toList();
        boolean late = strongest.held().compareTo(limit) > 0;
        if (scanned.isEmpty() && rewritten.isEmpty() && !late) {
            return;
        }
        List<String> reasons = new ArrayList<>();
        rewritten.forEach(table -> reasons.add("all %s rows of %s were written anew".formatted(
                count(rows.get(table)), brief(table))));
        if (rewritten.isEmpty()) {
            scanned.forEach((table, read) -> reasons.add("%s rows of %s were read".formatted(count(read),
                    brief(table))));
        }
        String tables = locks.stream().map(lock -> brief(lock.table())).distinct().collect(joining(" and "));
        String reason = "%s locked %s in %s mode%s for %s, in which %s wait.".formatted(
                back ? "The rollback" : "It", tables, strongest.mode(),
                reasons.isEmpty() ? "" : " while " + String.join(" and ", reasons), seconds(strongest.held()),
                strongest.mode().blocks());
        String worker = worker(strongest);
        if (!worker.equals(strongest.by().brief())) {
            reason += " The rows were read or written by: " + worker;
        }
        findings.add(new Finding(Judgement.BLOCKING, back, reason, strongest.by().brief(), strongest.table(),
                strongest.mode(), strongest.held(), scanned.values().stream().mapToLong(Long::longValue).sum(), null,
                null));
    }

    /**
     * The rows read, without reads of our own new tables, which are empty in a deployment and have only sample rows
     * here.
     */
    private Map<String, Long> scanned(List<StatementTrace> statements) {
        Map<String, Long> read = new TransactionTrace(statements.stream()
                .filter(statement -> statement.read().keySet().stream().noneMatch(own::contains)).toList())
                .sum(StatementTrace::read);
        Map<String, Long> scanned = new TreeMap<>(read);
        scanned.keySet().removeIf(table -> !isInUse(table) || !isMuch(read.get(table), table));
        return scanned;
    }

    private boolean isMuch(long count, String table) {
        return count >= MANY_ROWS && count * SHARE >= rows.get(table);
    }

    private String worker(Lock lock) {
        return lock.under().stream()
                .filter(one -> !one.rewritten().isEmpty() || !scanned(List.of(one)).isEmpty())
                .findFirst().orElse(lock.by()).brief();
    }

    /** Finds rows that are locked until the transaction ends. */
    private void changed(TransactionTrace transaction, List<Finding> findings) {
        if (backfill) {
            return;
        }
        transaction.sum(StatementTrace::changed).forEach((table, changed) -> {
            if (isInUse(table) && isMuch(changed, table)) {
                StatementTrace by = transaction.statements().stream()
                        .max(Comparator.comparing(one -> one.changed().getOrDefault(table, 0L))).orElseThrow();
                findings.add(new Finding(Judgement.BLOCKING, back, ("%s wrote %s of %s rows of %s in one transaction "
                        + "of %s: writers of any of them wait until it ends.").formatted(
                        back ? "The rollback" : "It", count(changed), count(rows.get(table)), brief(table),
                        seconds(transaction.time())), by.brief(), table, LockMode.ROW_EXCLUSIVE, transaction.time(),
                        changed, null, null));
            }
        });
    }

    /** Reports a raised lock timeout once, since its author chose it for all statements. */
    private void timeout(List<Finding> findings) {
        pass.transactions().stream().flatMap(transaction -> transaction.statements().stream())
                .filter(StatementTrace::inside)
                .filter(one -> one.lockTimeout().isZero() || one.lockTimeout().compareTo(LOCK_TIMEOUT) > 0)
                .filter(one -> one.locks().entrySet().stream()
                        .anyMatch(lock -> lock.getValue().isBlocking() && isInUse(lock.getKey())))
                .findFirst().ifPresent(one -> {
                    Map.Entry<String, LockMode> lock = one.locks().entrySet().stream()
                            .filter(each -> each.getValue().isBlocking() && isInUse(each.getKey()))
                            .findFirst().orElseThrow();
                    findings.add(new Finding(Judgement.BLOCKING, back, ("%s asked for %s in %s mode under a "
                            + "lock_timeout of %s: while it waits, all later statements on the table wait as well.")
                            .formatted(back ? "The rollback" : "It", brief(lock.getKey()), lock.getValue(),
                                    one.lockTimeout().isZero() ? "none" : seconds(one.lockTimeout())),
                            one.brief(), lock.getKey(), lock.getValue(), null, 0,
                            "# leave lock_timeout at 100 ms: a statement that does not get its lock is tried again\n",
                            null));
                });
    }

    static String count(long rows) {
        return String.format(Locale.ROOT, "%,d", rows);
    }

    static String brief(String table) {
        return table.startsWith("public.") ? table.substring("public.".length()) : table;
    }

    static String seconds(Duration time) {
        return time.toMillis() < 1000 ? "%d ms".formatted(Math.max(1, time.toMillis()))
                : String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3);
    }
}
