package dev.supportdb.deploy;

import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.review.pack.ReviewPack;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Several databases, each migrated by its own process, because two runs of Liquibase in one process disturb each other.
 * The history and the lock in each database are authoritative, so the same command resumes, and skips what is done.
 */
public final class Fleet {

    /**
     * The settings: how many targets at once, and when to stop.
     *
     * @param launcher  a command line to which a command of the project and its words are added
     * @param logs      a folder for the output of each process, created if it is missing
     * @param canary    how many targets must succeed before the others are started
     * @param stopAfter the number of failures after which no other target is started
     * @param timeLimit the limit for one target; zero for none
     */
    public record Settings(List<String> launcher, Path logs, int parallel, int canary, int stopAfter,
            Duration timeLimit) {}

    /** Receives the start and the end of each target, from several threads. */
    public interface Listener {

        void begins(String target);

        /** The target was checked and waits for its turn. */
        void waits(String target);

        void ended(FleetResult result);
    }

    /**
     * A shell that ignores Ctrl-C, which a terminal sends to every process of the group. These processes end on
     * request.
     */
    private static final List<String> DEAF = List.of("sh", "-c", "trap '' INT; exec \"$@\"", "sh");

    /** Variables that would give every target the same database. */
    private static final String OF_ONE_DATABASE = "(ANALYTICS_)?DATABASE_URL";

    /**
     * The time limit for checking a target. A check takes a second or two; a server may accept a connection and not
     * answer.
     */
    private static final Duration LONGEST_LOOK = Duration.ofMinutes(5);

    /** The time after which a process that was asked to end is killed. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** The largest exit code of a program's own; a larger one is this plus a signal number. */
    private static final int LAST_OF_ITS_OWN = 128;

    /** How a process is stopped when all are. */
    private enum Stop {

        /** Kills it, because it only reads. */
        AT_ONCE,

        /** Asks it to stop after the current changeset. */
        WHEN_ASKED
    }

    /** The state, the output and the failure of a finished process. */
    private record Ended(FleetState state, String output, String reason) {}

    /** The position of a target, and the digest that decides the review of its pending changesets. */
    private record Seen(FleetTarget target, FleetResult result, String basis, long bytes) {}

    private final Settings settings;
    private final Listener listener;
    /** The running processes, each with the action that stops it. */
    private final Map<Process, Runnable> running = new LinkedHashMap<>();
    private final AtomicInteger failures = new AtomicInteger();
    private volatile boolean stopping;

    public Fleet(Settings settings, Listener listener) {
        this.settings = settings;
        this.listener = listener;
    }

    /** Reads the state of each target, and writes nothing. */
    public List<FleetResult> status(List<FleetTarget> targets) throws IOException {
        return all(targets, target -> readState(target, Stop.AT_ONCE).result());
    }

    /**
     * Updates the targets that are behind.
     *
     * @param words the features, as for {@code upgrade}; none for the head of every branch
     */
    public List<FleetResult> update(List<FleetTarget> targets, List<String> words) throws IOException {
        Work update = target -> {
            FleetResult before = readState(target, Stop.AT_ONCE).result();
            return before.state() != FleetState.BEHIND ? before
                    : stopping ? before.with(FleetState.NOT_BEGUN, before.took(), "") : upgrade(target, words, before);
        };
        int canaries = Math.min(settings.canary(), targets.size());
        List<FleetResult> results = new ArrayList<>(all(targets.subList(0, canaries), update));
        if (results.stream().anyMatch(result -> result.state().isFailure())) {
            stopping = true;
        }
        results.addAll(all(targets.subList(canaries, targets.size()), update));
        return results;
    }

    /**
     * Compares each target with the schema that the changelog builds.
     *
     * @param details returns the command that shows the differences of the target with this file of settings
     */
    public List<FleetResult> check(List<FleetTarget> targets, Function<Path, String> details) throws IOException {
        return all(targets, target -> {
            FleetResult there = readState(target, Stop.AT_ONCE).result();
            if (there.state().isFailure()) {
                return there;
            }
            Instant start = Instant.now();
            Ended check = run(target, List.of("check", "--json"), Stop.AT_ONCE, settings.timeLimit());
            FleetState state = switch (check.state()) {
                case UPDATED -> there.state();
                case REFUSED -> FleetState.DIFFERS;
                default -> check.state();
            };
            return there.with(state, Duration.between(start, Instant.now()), state == FleetState.DIFFERS
                    ? "details: " + details.apply(target.file()) : check.reason());
        });
    }

    /**
     * Measures the pending changesets once for all targets with the same history and the same schema, on the largest of
     * them.
     *
     * @param words  for {@code review}
     * @param folder receives a folder with the pack of each measured target, by its name
     */
    public List<FleetResult> review(List<FleetTarget> targets, List<String> words, Path folder) throws IOException {
        for (FleetTarget target : targets) {
            // The pack of an earlier run would be taken for one of this run.
            ReviewPack.delete(folder.resolve(target.name()));
        }
        Map<String, List<Seen>> alike = new ConcurrentSkipListMap<>();
        List<FleetResult> ended = new ArrayList<>(inParallel(settings.parallel(), targets, target -> {
            FleetResult result = attempt(target, () -> {
                Seen seen = readState(target, Stop.AT_ONCE);
                if (seen.result().state() == FleetState.BEHIND) {
                    alike.computeIfAbsent(seen.basis(), basis -> Collections.synchronizedList(new ArrayList<>()))
                            .add(seen);
                }
                return seen.result();
            });
            if (result.state() != FleetState.BEHIND) {
                return List.of(ended(result));
            }
            listener.waits(target.name());
            return List.of();
        }));
        // One after the other, because two at once would distort each other's times.
        ended.addAll(inParallel(1, List.copyOf(alike.values()), group -> reviewed(group, words, folder)));
        List<String> order = targets.stream().map(FleetTarget::name).toList();
        return ended.stream().sorted(Comparator.comparing(result -> order.indexOf(result.target()))).toList();
    }

    private List<FleetResult> reviewed(List<Seen> alike, List<String> words, Path folder) throws IOException {
        Seen largest = alike.stream().max(Comparator.comparing(Seen::bytes)
                .thenComparing(seen -> seen.target().name(), Comparator.reverseOrder())).orElseThrow();
        FleetResult measured = attempt(largest.target(), () -> review(largest, words, folder));
        return alike.stream().map(seen -> ended(seen == largest ? measured : seen.result().like(measured))).toList();
    }

    private FleetResult review(Seen seen, List<String> words, Path folder) throws IOException {
        Instant start = Instant.now();
        Path pack = folder.resolve(seen.target().name());
        Ended review = run(seen.target(), Stream.concat(Stream.of("review", "--sizes=target", "--out=" + pack),
                words.stream()).toList(), Stop.AT_ONCE, settings.timeLimit());
        Duration took = Duration.between(start, Instant.now());
        Optional<FleetReview> found = FleetReview.in(pack);
        FleetState state = switch (review.state()) {
            case UPDATED -> FleetState.FINE;
            case REFUSED -> FleetState.TO_DECIDE;
            default -> found.filter(FleetReview::isBroken).isPresent() ? FleetState.WOULD_FAIL : review.state();
        };
        return seen.result().with(state, took, found.map(FleetReview::inWords).orElse(review.reason()))
                .with(found.orElse(null));
    }

    /** Starts no other target, and asks the running ones to stop after their current changeset. */
    public void stop() {
        stopping = true;
        synchronized (running) {
            running.values().forEach(Runnable::run);
        }
    }

    private interface Work {
        FleetResult on(FleetTarget target) throws IOException;
    }

    private interface Attempt {
        FleetResult make() throws IOException;
    }

    private interface Job<T> {
        List<FleetResult> on(T item) throws IOException;
    }

    private List<FleetResult> all(List<FleetTarget> targets, Work work) throws IOException {
        return inParallel(settings.parallel(), targets, target -> List.of(ended(attempt(target, () -> work.on(target)))));
    }

    private <T> List<FleetResult> inParallel(int most, List<T> items, Job<T> job) throws IOException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(most, items.size())));
        try {
            List<Future<List<FleetResult>>> futures =
                    items.stream().map(item -> threads.submit(() -> job.on(item))).toList();
            List<FleetResult> results = new ArrayList<>();
            for (Future<List<FleetResult>> future : futures) {
                results.addAll(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } finally {
            threads.shutdown();
        }
    }

    /** Runs one attempt. A failure is the result of this target and does not affect others. */
    private FleetResult attempt(FleetTarget target, Attempt attempt) {
        Instant start = Instant.now();
        if (stopping) {
            return result(target, FleetState.NOT_BEGUN, "", start);
        }
        listener.begins(target.name());
        if (target.refused().isPresent()) {
            return result(target, FleetState.REFUSED, target.refused().get(), start);
        }
        try {
            return attempt.make();
        } catch (IOException | RuntimeException e) {
            return result(target, FleetState.NOT_SEEN, PrintableText.line(e.toString()), start);
        }
    }

    private FleetResult ended(FleetResult result) {
        if (result.state().isFailure() && failures.incrementAndGet() >= settings.stopAfter()) {
            stopping = true;
        }
        listener.ended(result);
        return result;
    }

    private Seen readState(FleetTarget target, Stop stop) throws IOException {
        Instant start = Instant.now();
        Ended current = run(target, List.of("current", "--json"), stop,
                settings.timeLimit().isZero() ? LONGEST_LOOK : settings.timeLimit());
        if (current.state() != FleetState.UPDATED) {
            // The process was stopped, by the time limit or with all others.
            FleetResult result = current.state() != FleetState.RESUMABLE
                    ? result(target, current.state(), current.reason(), start)
                    : stopping ? result(target, FleetState.NOT_BEGUN, "", start)
                    : result(target, FleetState.NOT_SEEN, current.reason(), start);
            return new Seen(target, result, "", 0);
        }
        Map<String, Object> json = new Yaml(new SafeConstructor(new LoaderOptions())).load(current.output());
        List<?> unknown = (List<?>) json.get("unknown");
        List<?> notes = (List<?>) json.get("notes");
        int pending = ((Number) json.get("changesets")).intValue();
        String version = version((List<?>) json.get("branches"));
        FleetState state = !unknown.isEmpty() ? version.isEmpty() ? FleetState.ANOTHER_KIND : FleetState.AHEAD
                : pending > 0 ? FleetState.BEHIND : FleetState.UP_TO_DATE;
        String reason = switch (state) {
            case ANOTHER_KIND -> "another changelog has made it: the files have none of its %s, such as %s"
                    .formatted(Plural.of(unknown.size(), "changeset"), unknown.get(0));
            case AHEAD -> "the files do not have %d of its changesets, such as %s"
                    .formatted(unknown.size(), unknown.get(0));
            default -> notes.isEmpty() ? "" : notes.get(0).toString();
        };
        return new Seen(target, new FleetResult(target.name(), state, version, pending,
                Duration.between(start, Instant.now()), reason), json.get("basis").toString(),
                ((Number) json.get("bytes")).longValue());
    }

    private static String version(List<?> branches) {
        return String.join(" ", branches.stream().map(branch -> (Map<?, ?>) branch)
                .filter(branch -> !"base".equals(branch.get("at")))
                .map(branch -> branch.get("branch") + "/" + branch.get("at").toString().replaceFirst("_.*", ""))
                .toList());
    }

    private FleetResult upgrade(FleetTarget target, List<String> words, FleetResult before) throws IOException {
        Instant start = Instant.now();
        Ended upgrade = run(target, Stream.concat(Stream.of("upgrade"), words.stream()).toList(),
                Stop.WHEN_ASKED, settings.timeLimit());
        FleetResult after = upgrade.state() == FleetState.NOT_SEEN ? before
                : readState(target, Stop.WHEN_ASKED).result();
        return after.with(upgrade.state(), Duration.between(start, Instant.now()),
                upgrade.state() == FleetState.UPDATED ? "" : upgrade.reason());
    }

    private static FleetResult result(FleetTarget target, FleetState state, String reason, Instant start) {
        return new FleetResult(target.name(), state, "", 0, Duration.between(start, Instant.now()), reason);
    }

    /** @param limit zero for none */
    private Ended run(FleetTarget target, List<String> words, Stop stop, Duration limit) throws IOException {
        List<String> command = new ArrayList<>(DEAF);
        command.addAll(settings.launcher());
        command.addAll(words);
        command.add("--settings=" + target.file());
        Files.createDirectories(settings.logs());
        Path output = settings.logs().resolve(target.name() + ".out");
        Path errors = settings.logs().resolve(target.name() + ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(output.toFile()).redirectError(errors.toFile());
        builder.environment().keySet().removeIf(name -> name.matches(OF_ONE_DATABASE));
        builder.environment().put("STOP_AT_END_OF_INPUT", "true");
        Process process = builder.start();
        Runnable end = stop == Stop.AT_ONCE ? process::destroy : () -> ask(process);
        synchronized (running) {
            running.put(process, end);
            if (stopping) {
                end.run();
            }
        }
        try {
            boolean inTime = limit.isZero() || process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!inTime) {
                process.destroy();
                if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            }
            int exitCode = process.waitFor();
            String said = text(output);
            String failed = text(errors);
            Files.writeString(settings.logs().resolve(target.name() + ".log"), failed + said,
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return new Ended(FleetState.after(exitCode), said, !inTime
                    ? "not done after %d s, the time limit; the same command resumes".formatted(limit.toSeconds())
                    : reason(exitCode, failed + (exitCode == 0 ? "" : said)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            synchronized (running) {
                running.remove(process);
            }
            Files.deleteIfExists(output);
            Files.deleteIfExists(errors);
        }
    }

    private static void ask(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The process has ended already.
        }
    }

    /** Decodes any bytes, also invalid ones. */
    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** The first line, with the next one if it ends with a colon. */
    private static String reason(int exitCode, String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).map(String::strip).limit(2).toList();
        if (exitCode > LAST_OF_ITS_OWN) {
            return "its process was ended by signal %d; the same command resumes".formatted(exitCode - LAST_OF_ITS_OWN);
        }
        if (lines.isEmpty()) {
            return exitCode == 0 ? "" : "its process ended with %d and said nothing".formatted(exitCode);
        }
        return PrintableText.line(lines.get(0).endsWith(":") ? String.join(" ", lines) : lines.get(0));
    }
}
