package dev.supportdb.review.pack;


import dev.supportdb.changelog.Feature;
import dev.supportdb.changelog.Phase;
import dev.supportdb.postgres.Plural;
import dev.supportdb.review.ChangesetTrace;
import dev.supportdb.review.Judgement;
import dev.supportdb.review.PassTrace;
import dev.supportdb.review.TransactionTrace.Lock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;

/** A changeset on a page. */
record ChangesetView(int number, ChangesetTrace trace, Feature feature, ChangesetSql all, boolean wayBack) {

    /** The number of lines above which SQL is folded. */
    private static final int SHORT = 12;

    /**
     * The SQL of one direction.
     *
     * @param marks its division into transactions
     */
    record Script(String sql, String marks) {

        boolean isLong() {
            return lines() > SHORT;
        }

        long lines() {
            return sql.lines().count();
        }
    }

    private ChangeSet changeSet() {
        return trace.changeSet();
    }

    String id() {
        return changeSet().getId();
    }

    /** The anchor of the changeset on the page. */
    String anchor() {
        return "c" + number + "-" + id().replaceAll("[^\\w-]+", "-");
    }

    String why() {
        return changeSet().getComments() == null ? "" : changeSet().getComments();
    }

    String phase() {
        Set<String> phases = Phase.of(changeSet());
        return phases.isEmpty() ? "expand" : String.join(", ", phases);
    }

    boolean isFine() {
        return trace.judgement() == Judgement.FINE;
    }

    String judgement() {
        return isFine() && !trace.findings().isEmpty() ? "accepted" : Words.word(trace.judgement());
    }

    /** The class of the style sheet. */
    String colour() {
        return !isFine() ? "bad" : trace.findings().isEmpty() ? "good" : "accepted";
    }

    boolean isProvenBack() {
        return trace.back() != null && trace.findings().stream()
                .noneMatch(finding -> finding.judgement() == Judgement.NOT_PROVEN_BACK);
    }

    /** The locks on tables in use, forward: the longest for each table and mode. */
    List<Lock> locks() {
        Map<String, Lock> longest = new LinkedHashMap<>();
        trace.forward().transactions().stream().flatMap(transaction -> transaction.locks().stream())
                .filter(lock -> trace.inUse().contains(lock.table()))
                .forEach(lock -> longest.merge(lock.table() + lock.mode(), lock,
                        (a, b) -> a.held().compareTo(b.held()) >= 0 ? a : b));
        return longest.values().stream().sorted(Comparator.comparing(Lock::mode).reversed()).toList();
    }

    /** The locks that block others. */
    List<Lock> blockingLocks() {
        return locks().stream().filter(lock -> !lock.mode().blocks().isEmpty()).toList();
    }

    /** One line about whom it blocks, where and for how long. */
    String stops() {
        return blockingLocks().stream().map(lock -> "%s of %s, %s".formatted(lock.mode().blocks(),
                Words.table(lock.table()), Words.time(lock.held()))).collect(Collectors.joining("; "));
    }

    /** One line about its work, forward. */
    String work() {
        PassTrace forward = trace.forward();
        List<String> parts = new ArrayList<>();
        parts.add(Words.time(forward.time()));
        if (trace.back() != null && wayBack) {
            parts.add("back " + Words.time(trace.back().time()));
        }
        if (trace.forecast() != null) {
            parts.add("expected there " + Words.range(trace.forecast().forward()));
        }
        if (forward.transactions().size() > 1) {
            parts.add(Plural.of(forward.transactions().size(), "transaction"));
        }
        if (forward.written() > 0) {
            parts.add(Plural.of(forward.written(), "row") + " written");
        }
        if (forward.wal() > 0) {
            parts.add(bytes(forward.wal()) + " of log");
        }
        return String.join(" · ", parts);
    }

    private static String bytes(long bytes) {
        return bytes < 10_000 ? Words.number(bytes) + " bytes" : bytes < 10_000_000 ? Words.number(bytes / 1000) + " kB"
                : Words.number(bytes / 1_000_000) + " MB";
    }

    Script forward() {
        return new Script(all.forward().getOrDefault(changeSet().toString(false), ""), marks());
    }

    /** The SQL of its rollback. */
    Script back() {
        return new Script(all.back().getOrDefault(changeSet().toString(false), ""), marks());
    }

    private String marks() {
        return changeSet().isRunInTransaction() ? "in one transaction" : phase().contains(Phase.BACKFILL)
                ? "a transaction for each batch" : "outside a transaction: each statement commits by itself";
    }
}
