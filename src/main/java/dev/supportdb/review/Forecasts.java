package dev.supportdb.review;

import dev.supportdb.review.Forecast.Range;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Forecasts for a database of given sizes, from a run on few rows and one on more.
 *
 * <p>The time of a changeset is modelled as a fixed cost plus a cost for each row that it reads or writes. The rows of
 * a table are scaled as they have grown between the two runs; a table that the database does not have yet grows like
 * the largest one that is read or written with it.
 */
public record Forecasts(SizedTrace few, SizedTrace more, TableSizes target) {

    /** The factor by which two measurements of the same work may differ on a machine that also does other work. */
    private static final double NOISE = 1.25;

    /**
     * The most that a changeset costs in any case, in seconds; on an empty database most cost some hundredths. If the
     * run on few rows seems to show more, something else slowed it down, and the forecast would be too low.
     */
    private static final double FIXED_COST = 0.25;

    /**
     * Returns the forecast for a changeset; null if it was not measured at both sizes.
     *
     * @param changeset as Liquibase calls it, {@code file::id::author}
     * @param inUse     the tables whose locks matter
     */
    public Forecast of(String changeset, Set<String> inUse) {
        Range forward = range(changeset, SizedTrace::forward, Function.identity());
        return forward == null ? null : new Forecast(forward, range(changeset, SizedTrace::back, Function.identity()),
                lock(changeset, inUse), basis());
    }

    private String basis() {
        return String.format(Locale.ROOT, "measured on this server with tables of up to %,d and %,d rows, "
                + "for those of the target, up to %,d, %s", most(few.rows()), most(more.rows()), most(target.rows()),
                target.from());
    }

    private static long most(Map<String, Long> rows) {
        return rows.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private Range lock(String changeset, Set<String> inUse) {
        return more.forward().get(changeset).trace().locks().keySet().stream().filter(inUse::contains)
                .map(table -> range(changeset, SizedTrace::forward, pass -> under(pass, table)))
                .filter(Objects::nonNull)
                .max(Comparator.comparing(Range::likely)).orElse(null);
    }

    /** The part of a changeset that runs while it holds its longest blocking lock on a table; null if there is none. */
    private static SizedTrace.Pass under(SizedTrace.Pass pass, String table) {
        return pass.trace().transactions().stream().flatMap(transaction -> transaction.locks().stream())
                .filter(lock -> lock.table().equals(table) && lock.mode().isBlocking())
                .max(Comparator.comparing(TransactionTrace.Lock::held))
                .map(lock -> new SizedTrace.Pass(lock.held(), SizedTrace.work(lock.under()), pass.trace()))
                .orElse(null);
    }

    private Range range(String changeset, Function<SizedTrace, Map<String, SizedTrace.Pass>> way,
            Function<SizedTrace.Pass, SizedTrace.Pass> part) {
        SizedTrace.Pass small = way.apply(few).get(changeset);
        SizedTrace.Pass large = way.apply(more).get(changeset);
        small = small == null ? null : part.apply(small);
        large = large == null ? null : part.apply(large);
        return small == null || large == null ? null : range(small, large);
    }

    private Range range(SizedTrace.Pass small, SizedTrace.Pass large) {
        double few = sum(small.work());
        double more = sum(large.work());
        double all = work(small.work(), large.work()).values().stream().mapToDouble(Double::doubleValue).sum();
        double t1 = seconds(small.time());
        double t2 = seconds(large.time());
        double line = t2;
        double power = t2;
        if (all > 0 && more > few && all != more) {
            double slope = Math.max(0, Math.max((t2 - t1) / (more - few), (t2 - FIXED_COST) / more));
            line = Math.max(0, t2 + slope * (all - more));
            // An exponent below 1 comes from a fixed cost, which the linear estimate covers.
            double exponent = Math.max(1, Math.min(1.2, Math.log(t2 / t1) / Math.log(more / few)));
            power = t2 * Math.pow(all / more, exponent);
        }
        return new Range(duration(Math.min(line, power) / NOISE), duration(line),
                duration(Math.max(line, power) * NOISE));
    }

    /** Estimates the rows read and written on the target, by table. */
    private Map<String, Double> work(Map<String, Long> small, Map<String, Long> large) {
        double others = large.keySet().stream().filter(target.rows()::containsKey)
                .max((one, other) -> Long.compare(large.get(one), large.get(other)))
                .map(this::growth).orElseGet(this::growthOfLargest);
        Map<String, Double> work = new TreeMap<>();
        large.forEach((table, count) -> {
            double measured = (double) more.rows().getOrDefault(table, 0L)
                    / Math.max(1, few.rows().getOrDefault(table, 0L));
            double grown = (double) count / Math.max(1, small.getOrDefault(table, 0L));
            double exponent = measured <= 1 || !small.containsKey(table) ? 1
                    : Math.max(0, Math.min(1, Math.log(grown) / Math.log(measured)));
            double growth = target.rows().containsKey(table) && more.rows().getOrDefault(table, 0L) > 0
                    ? growth(table) : others;
            work.put(table, count * Math.pow(growth, exponent));
        });
        return work;
    }

    private double growth(String table) {
        return (double) target.rows().get(table) / Math.max(1, more.rows().getOrDefault(table, 1L));
    }

    /** The growth of the largest table that both have. */
    private double growthOfLargest() {
        return more.rows().entrySet().stream().filter(table -> target.rows().containsKey(table.getKey()))
                .max(Map.Entry.comparingByValue()).map(table -> growth(table.getKey())).orElse(1.0);
    }

    private static double sum(Map<String, Long> work) {
        return work.values().stream().mapToLong(Long::longValue).sum();
    }

    private static double seconds(Duration time) {
        return Math.max(1e-6, time.toNanos() / 1e9);
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }
}
