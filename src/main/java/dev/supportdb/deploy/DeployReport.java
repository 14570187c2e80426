package dev.supportdb.deploy;

import dev.supportdb.postgres.Json;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.review.WithoutValues;
import dev.supportdb.review.pack.Summary;
import dev.supportdb.review.pack.Summary.Fact;
import dev.supportdb.review.pack.Summary.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Writes the report of a deployment beside its log: a page in the style of a review, and the same as Markdown and as
 * JSON. It is built from the events that an observer receives. The server's own message of a failure may contain values
 * of rows, and is in the log only.
 */
public final class DeployReport implements Deploy.Observer {

    /** The version of the format, increased if a name is removed or changes its meaning, not if one is added. */
    private static final int VERSION = 1;

    private static final String GUIDE = "docs/when-it-goes-wrong.md";

    private record Dated(Instant at, DeployEvent event) {}

    private record StepTime(String step, Instant began, double seconds) {}

    /** @param next how to continue */
    private record Ending(String result, boolean isGood, String verdict, String reason, String next) {}

    private final Deploy.Observer observer;
    private final String database;
    private final String command;
    private final UnaryOperator<String> ofPlan;
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final List<Dated> events = new ArrayList<>();
    private volatile boolean isInterrupted;

    /**
     * @param observer receives the same events
     * @param database the name for people, without a password
     * @param command  the command as typed
     * @param ofPlan   the command that runs the plan with a hash
     */
    public DeployReport(Deploy.Observer observer, String database, String command, UnaryOperator<String> ofPlan) {
        this.observer = observer;
        this.database = database;
        this.command = command;
        this.ofPlan = ofPlan;
    }

    /** Ignores the failures that an interruption causes. */
    @Override
    public void say(String line) {
        if (!isInterrupted) {
            observer.say(line);
        }
    }

    @Override
    public void event(DeployEvent event) {
        synchronized (events) {
            events.add(new Dated(Instant.now(), event));
        }
        observer.event(event);
    }

    @Override
    public boolean confirm(String question) throws IOException {
        return observer.confirm(question);
    }

    /** Writes the report of a deployment that has ended; returns the page. */
    public Path write(Path log, Deploy.Outcome outcome) throws IOException {
        String plan = last(DeployEvent.Plan.class).map(DeployEvent.Plan::hash).orElse("");
        Ending ending = switch (outcome) {
            case DONE -> new Ending("done", true, "Deployed and verified.", "",
                    "Look at the error rate of the application, not only at the smoke test. The way back: " + GUIDE);
            case NOTHING_TO_DO -> pending() == 0
                    ? new Ending("nothing to do", true, "Up to date, nothing to run.", "", "Nothing to do.")
                    : new Ending("nothing to do", true, "Nothing to run of what was asked for.", "",
                            "Pending besides: %s.".formatted(Plural.of(pending(), "changeset")));
            case CANCELLED -> new Ending("cancelled", true, "Cancelled. Nothing has been changed.", "",
                    "To run the reviewed plan: " + ofPlan.apply(plan));
            case REFUSED -> new Ending("refused", false, "Refused. Nothing has been changed.", "",
                    "Resolve the findings marked error, then run the same command.");
            case ROLLED_BACK -> new Ending("rolled back", false,
                    "Failed and rolled back: the schema is the same as before.", reason(),
                    "Correct the cause, then the same command.");
            case ROLLBACK_FAILED -> new Ending("rollback failed", false, "Failed, and only a part is rolled back.",
                    reason(), "This needs a person: " + GUIDE);
            case NOT_VERIFIED -> new Ending("not verified", false, "All of it is applied, and not verified.", "",
                    "This needs a person. The same command verifies it again; to take it back: " + GUIDE);
        };
        return write(log, ending);
    }

    /** Writes the report of a deployment that failed in a step; returns the page. */
    public Path write(Path log, DeployStep step, Throwable failure) throws IOException {
        return write(log, new Ending("failed", false, "Failed in the step %s. %s.".formatted(step.word(),
                step.state()), reason(step, failure), "The same command %s.".formatted(step.next())));
    }

    /**
     * Writes the report of a deployment that is being interrupted in a step; returns the page. It is the last report:
     * the interruption ends its programs and connections, so later results say nothing.
     */
    public Path writeInterrupted(Path log, DeployStep step) throws IOException {
        isInterrupted = true;
        return write(log, new Ending("interrupted", false, "Interrupted in the step %s. %s.".formatted(step.word(),
                step.state()), "", "The same command %s.".formatted(step.next())));
    }

    /**
     * Returns the reason of a failure, without a value of a row. Until the backup begins no row is read, and exceptions
     * that are not the server's have our own texts.
     */
    public String reason(DeployStep step, Throwable failure) {
        if (!reason().isEmpty()) {
            return reason();
        }
        boolean isOurs = step.compareTo(DeployStep.BACKUP) < 0
                && Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                        .noneMatch(SQLException.class::isInstance);
        return isOurs ? PrintableText.of(String.valueOf(failure.getMessage())) : WithoutValues.reason(failure);
    }

    private String reason() {
        return last(DeployEvent.Failed.class).map(DeployEvent.Failed::withoutValues).orElse("");
    }

    private synchronized Path write(Path log, Ending ending) throws IOException {
        String name = log.getFileName().toString().replaceFirst("[.]log$", "");
        Path page = log.resolveSibling(name + ".html");
        if (isInterrupted && !ending.result().equals("interrupted")) {
            return page;
        }
        Instant ended = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Summary summary = summary(ending, log, ended);
        Map<String, Object> json = json(ending, log, ended);
        write(page, summary.html());
        write(log.resolveSibling(name + ".md"), summary.markdown());
        write(log.resolveSibling(name + ".json"), Json.of(json) + "\n");
        return page;
    }

    private static void write(Path file, String text) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.writeString(file, text);
    }

    private <E extends DeployEvent> List<E> all(Class<E> kind) {
        synchronized (events) {
            return events.stream().map(Dated::event).filter(kind::isInstance).map(kind::cast).toList();
        }
    }

    private <E extends DeployEvent> Optional<E> last(Class<E> kind) {
        return all(kind).stream().reduce((one, other) -> other);
    }

    private Optional<DeployEvent.State> state(String when) {
        return all(DeployEvent.State.class).stream().filter(state -> state.when().equals(when)).findFirst();
    }

    /** The number of pending changesets before the run, also those that were not asked for. */
    private int pending() {
        return state("before").map(DeployEvent.State::pending).orElse(0);
    }

    private Summary summary(Ending ending, Path log, Instant ended) {
        List<Fact> facts = new ArrayList<>(List.of(stateFact("Before", "before"), stateFact("After", "after")));
        Optional<DeployEvent.Plan> plan = last(DeployEvent.Plan.class);
        List<DeployEvent.Changeset> changesets = all(DeployEvent.Changeset.class);
        facts.add(new Fact("Applied", Plural.of(changesets.size(), "changeset"),
                "of %s planned".formatted(plan.map(known -> Integer.toString(known.changesets())).orElse("none")),
                ""));
        facts.add(new Fact("Plan", plan.map(DeployEvent.Plan::hash).orElse("none"), "", ""));
        facts.add(last(DeployEvent.Backup.class).map(backup -> new Fact("Backup", backup.path(),
                        "proof: " + backup.proof(), backup.proof().equals("full") ? "good" : ""))
                .orElse(new Fact("Backup", "none", "", "")));
        facts.add(last(DeployEvent.Verified.class).map(verified -> verified.wrong().isEmpty()
                        ? new Fact("Verification", "passed", "history, schema and smoke test", "good")
                        : new Fact("Verification", "failed", String.join("; ", verified.wrong()), "bad"))
                .orElse(new Fact("Verification", "not reached", "", "")));
        facts.add(new Fact("Tag", last(DeployEvent.Tag.class).map(DeployEvent.Tag::tag).orElse("none"), "", ""));
        facts.add(new Fact("Time", time(Duration.between(started, ended)), "from %s to %s".formatted(started, ended),
                ""));
        List<Section> sections = List.of(
                new Section("Findings", findingsNote(), List.of("", "Finding"), all(DeployEvent.Finding.class).stream()
                        .map(finding -> List.of(finding.error() ? "error" : "warning", finding.text())).toList()),
                new Section("Changesets", changesets.isEmpty() ? "None has run." : "In the order in which they ran.",
                        List.of("", "Changeset", "File", "Time"), changesets.stream().map(ran -> List.of(
                                Integer.toString(ran.done()), ran.id(), ran.file(), ran.seconds() + " s")).toList()),
                new Section("Steps", "The log has all of it: " + log, List.of("Step", "Began", "Time"),
                        steps(ended).stream().map(step -> List.of(step.step(), step.began().toString(),
                                step.seconds() + " s")).toList()));
        return new Summary("Deployment on " + database, ending.verdict(), ending.isGood(),
                ending.reason().isEmpty() ? ending.next() : ending.reason() + "\n" + ending.next(), facts, sections,
                "Made by %s, %s.".formatted(command, RunRecord.whoAndWhere()));
    }

    private String findingsNote() {
        return (all(DeployEvent.Finding.class).isEmpty() ? "None. " : "") + (wasTried()
                ? "The pending changesets were tried on a scratch database before."
                : "The pending changesets were not tried on a scratch database.");
    }

    private boolean wasTried() {
        return last(DeployEvent.Review.class).map(DeployEvent.Review::done).orElse(false);
    }

    private Fact stateFact(String name, String when) {
        return state(when).map(state -> state.changesets() == null
                        ? new Fact(name, "not known", "the database could not be read", "bad")
                        : new Fact(name, "%s, %d pending".formatted(Plural.of(state.changesets(), "changeset"),
                                state.pending()),
                                "the last is " + state.last(), ""))
                .orElse(new Fact(name, when.equals("after") ? "as before" : "not looked at", "", ""));
    }

    private List<StepTime> steps(Instant ended) {
        List<Dated> begun;
        synchronized (events) {
            begun = events.stream().filter(dated -> dated.event() instanceof DeployEvent.Step).toList();
        }
        List<StepTime> steps = new ArrayList<>();
        for (int i = 0; i < begun.size(); i++) {
            Instant began = begun.get(i).at();
            Instant end = i + 1 < begun.size() ? begun.get(i + 1).at() : ended;
            steps.add(new StepTime(((DeployEvent.Step) begun.get(i).event()).step(),
                    began.truncatedTo(ChronoUnit.SECONDS), Math.max(0, Duration.between(began, end).toMillis()) / 1e3));
        }
        return steps;
    }

    private static String time(Duration time) {
        return String.format(Locale.ROOT, "%.0f s", time.toMillis() / 1e3);
    }

    private Map<String, Object> json(Ending ending, Path log, Instant ended) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", VERSION);
        json.put("database", database);
        json.put("command", command);
        json.put("result", ending.result());
        json.put("good", ending.isGood());
        json.put("verdict", ending.verdict());
        json.put("reason", ending.reason());
        json.put("next", ending.next());
        json.put("started", started);
        json.put("ended", ended);
        json.put("before", state("before").orElse(null));
        json.put("after", state("after").orElse(null));
        json.put("plan", last(DeployEvent.Plan.class).orElse(null));
        json.put("findings", all(DeployEvent.Finding.class));
        json.put("tried", wasTried());
        json.put("backup", last(DeployEvent.Backup.class).orElse(null));
        json.put("changesets", all(DeployEvent.Changeset.class));
        json.put("wrong", last(DeployEvent.Verified.class).map(DeployEvent.Verified::wrong).orElse(null));
        json.put("tag", last(DeployEvent.Tag.class).map(DeployEvent.Tag::tag).orElse(null));
        json.put("steps", steps(ended));
        json.put("log", log);
        return json;
    }
}
