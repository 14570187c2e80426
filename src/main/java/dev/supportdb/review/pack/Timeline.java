package dev.supportdb.review.pack;

import static dev.supportdb.review.pack.Words.table;
import static dev.supportdb.review.pack.Words.time;

import dev.supportdb.changelog.Phase;
import dev.supportdb.review.LockMode;
import dev.supportdb.review.StatementTrace;
import dev.supportdb.review.TransactionTrace;
import dev.supportdb.review.TransactionTrace.Lock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A picture of a run: the changesets along time, and below them a lane for each table in use. A lock is a bar as long
 * as it was held, a batch is a tick. Widths are proportional to time, but a changeset is always wide enough to be seen.
 */
final class Timeline {

    static final int LEFT = 200;
    static final int WIDTH = 1200;
    static final int TOP = 44;
    static final int LANE = 26;

    private static final int MOST_LANES = 16;
    private static final double NARROWEST = 5;
    private static final int AXIS_STEP = 150;

    /** The segment of a changeset. */
    record Segment(ChangesetView changeset, double x, double width, String title) {}

    /** The bar of a lock. */
    record Bar(double x, double y, double width, double height, String colour, String title) {}

    /** @param batches a path of ticks; empty for none */
    record Lane(String table, int y, List<Bar> bars, String batches) {}

    record Tick(double x, String label) {}

    private final List<Segment> segments = new ArrayList<>();
    private final List<Tick> ticks = new ArrayList<>();
    private final Map<String, List<Bar>> bars = new TreeMap<>();
    private final Map<String, List<Double>> batches = new TreeMap<>();
    private final Map<String, Integer> gravity = new TreeMap<>();

    Timeline(List<ChangesetView> changesets) {
        double total = changesets.stream().mapToDouble(one -> nanos(one.trace().forward().time())).sum();
        double least = Math.min(NARROWEST, (WIDTH - LEFT) / (2.0 * Math.max(1, changesets.size())));
        double shared = WIDTH - LEFT - least * changesets.size();
        double x = LEFT;
        Duration elapsed = Duration.ZERO;
        ticks.add(new Tick(x, "0"));
        for (ChangesetView changeset : changesets) {
            Duration time = changeset.trace().forward().time();
            double width = least + (total == 0 ? 0 : shared * nanos(time) / total);
            segments.add(new Segment(changeset, round(x), round(width), "%s: %s, %s, from %s on".formatted(
                    changeset.id(), changeset.judgement(), time(time), time(elapsed))));
            place(changeset, x, width / Math.max(1, nanos(time)));
            x += width;
            elapsed = elapsed.plus(time);
            if (x - ticks.get(ticks.size() - 1).x() >= AXIS_STEP && WIDTH - x >= AXIS_STEP / 2.0) {
                ticks.add(new Tick(round(x), time(elapsed)));
            }
        }
        ticks.add(new Tick(WIDTH, time(elapsed)));
    }

    private void place(ChangesetView changeset, double begin, double scale) {
        double x = begin;
        boolean batched = changeset.phase().contains(Phase.BACKFILL);
        for (TransactionTrace transaction : changeset.trace().forward().transactions()) {
            double at = x;
            for (StatementTrace statement : transaction.statements()) {
                for (Lock lock : transaction.locks()) {
                    if (lock.by() == statement && changeset.trace().inUse().contains(lock.table())) {
                        if (batched && lock.mode().blocks().isEmpty()) {
                            tick(lock, at);
                        } else if (lock.mode().compareTo(LockMode.ROW_SHARE) > 0) {
                            bar(changeset, lock, at, scale);
                        }
                    }
                }
                at += nanos(statement.time()) * scale;
            }
            x += nanos(transaction.time()) * scale;
        }
    }

    private void tick(Lock lock, double x) {
        if (lock.mode().compareTo(LockMode.ROW_EXCLUSIVE) >= 0) {
            batches.computeIfAbsent(lock.table(), table -> new ArrayList<>()).add(x);
            gravity.merge(lock.table(), lock.mode().ordinal(), Math::max);
        }
    }

    private void bar(ChangesetView changeset, Lock lock, double x, double scale) {
        String colour = Words.colour(lock.mode());
        double height = switch (colour) {
            case "all" -> 18;
            case "writers" -> 12;
            default -> 5;
        };
        bars.computeIfAbsent(lock.table(), table -> new ArrayList<>()).add(new Bar(round(x), (LANE - height) / 2,
                round(Math.max(2, nanos(lock.held()) * scale)), height, colour, "%s: %s on %s for %s%s".formatted(
                changeset.id(), lock.mode(), table(lock.table()), time(lock.held()),
                lock.mode().blocks().isEmpty() ? "" : ", " + lock.mode().blocks() + " wait")));
        gravity.merge(lock.table(), lock.mode().ordinal(), Math::max);
    }

    List<Segment> segments() {
        return segments;
    }

    List<Tick> ticks() {
        return ticks;
    }

    /** The lanes; the tables with the most blocking locks come first. */
    List<Lane> lanes() {
        List<Lane> lanes = new ArrayList<>();
        for (String table : byGravity().stream().limit(MOST_LANES).toList()) {
            // Locks that block others are drawn last, over the others.
            lanes.add(new Lane(table(table), TOP + LANE * lanes.size(), bars.getOrDefault(table, List.of()).stream()
                    .sorted(Comparator.comparing(Bar::height)).toList(), path(batches.getOrDefault(table, List.of()))));
        }
        return lanes;
    }

    /** The tables for which there was no space. */
    List<String> others() {
        return byGravity().stream().skip(MOST_LANES).map(Words::table).toList();
    }

    private List<String> byGravity() {
        return gravity.keySet().stream().sorted(Comparator.comparing((String table) -> -gravity.get(table))
                .thenComparing(table -> table)).toList();
    }

    int height() {
        return TOP + LANE * Math.max(1, lanes().size()) + 24;
    }

    /** The path of the ticks, at most one for each pixel. */
    private static String path(List<Double> ticks) {
        return ticks.stream().map(x -> Math.round(x)).distinct().map(x -> "M%d 4V%d".formatted(x, LANE - 4))
                .collect(Collectors.joining());
    }

    private static double nanos(Duration time) {
        return time.toNanos();
    }

    private static double round(double x) {
        return Math.round(x * 10) / 10.0;
    }
}
