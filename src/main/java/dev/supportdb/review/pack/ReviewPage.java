package dev.supportdb.review.pack;

import static dev.supportdb.review.pack.Words.time;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;

import dev.supportdb.changelog.Feature;
import dev.supportdb.postgres.Plural;
import dev.supportdb.review.ChangesetTrace;
import dev.supportdb.review.Finding;
import dev.supportdb.review.Forecast;
import dev.supportdb.review.Forecast.Range;
import dev.supportdb.review.Judgement;
import dev.supportdb.review.Trace;
import dev.supportdb.review.TransactionTrace.Lock;
import dev.supportdb.review.pack.Summary.Fact;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import liquibase.changelog.RanChangeSet;

/** The contents of a pack's pages, with their order and texts. */
final class ReviewPage {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm z", Locale.ENGLISH);

    /** A finding and its changeset. */
    record Case(ChangesetView changeset, Finding finding) {}

    /** @param needs features of other branches */
    record FeatureView(String id, List<String> needs, List<ChangesetView> changesets) {}

    private final Review review;
    private final ZonedDateTime now;
    private final List<FeatureView> features = new ArrayList<>();

    ReviewPage(Review review, ZonedDateTime now) {
        this.review = review;
        this.now = now;
        int number = 0;
        for (ChangesetTrace trace : review.trace().changesets()) {
            Feature feature = review.changelog().featureOf(new RanChangeSet(trace.changeSet())).orElseThrow();
            String id = feature.id();
            ChangesetView view = new ChangesetView(++number, trace, feature, review.sql(), review.wayBack());
            if (features.isEmpty() || !features.get(features.size() - 1).id().equals(id)) {
                features.add(new FeatureView(id, needs(view), new ArrayList<>()));
            }
            features.get(features.size() - 1).changesets().add(view);
        }
    }

    Review review() {
        return review;
    }

    Trace trace() {
        return review.trace();
    }

    ZonedDateTime now() {
        return now;
    }

    String measured() {
        return DATE.format(now);
    }

    List<String> needs(ChangesetView changeset) {
        return review.changelog().needs(changeset.feature()).stream().map(Feature::id).toList();
    }

    List<FeatureView> features() {
        return features;
    }

    List<ChangesetView> changesets() {
        return features.stream().flatMap(feature -> feature.changesets().stream()).toList();
    }

    Timeline timeline() {
        return new Timeline(changesets());
    }

    List<Checklist> checklists() {
        return isMeasured() ? Checklist.of(this) : List.of();
    }

    /** Returns whether a changeset was run. If not, none is pending, or an update is refused. */
    boolean isMeasured() {
        return trace().server() != null;
    }

    boolean isWhole() {
        return trace().failure() == null;
    }

    boolean isGood() {
        return isWhole() && trace().toDecide() == 0;
    }

    /** The verdict in one sentence. */
    String verdict() {
        long all = trace().changesets().size();
        if (!isMeasured()) {
            return isWhole() ? "Nothing to review: no changeset is pending."
                    : "An update is refused, so nothing was measured.";
        }
        if (!isWhole()) {
            return "%s ran, and then one failed: later changesets were not measured.".formatted(
                    Plural.of(all, review.noun()));
        }
        if (isGood()) {
            boolean back = review.wayBack();
            return "Nothing to decide: %s nobody for long%s %s nothing%s.".formatted(
                    all == 1 ? "the " + review.noun() + " stops" : "all " + Plural.of(all, review.noun()) + " stop",
                    back ? "," : " and", all == 1 ? "loses" : "lose", back ? " and can be undone" : "");
        }
        return "%d of %s need%s a decision: %s.".formatted(trace().toDecide(), Plural.of(all, review.noun()),
                trace().toDecide() == 1 ? "s" : "", judgements());
    }

    private String judgements() {
        Map<Judgement, Long> counts = trace().changesets().stream().map(ChangesetTrace::judgement)
                .collect(groupingBy(judgement -> judgement, () -> new EnumMap<>(Judgement.class), counting()));
        counts.remove(Judgement.FINE);
        return counts.entrySet().stream().map(entry -> entry.getValue() + " " + Words.word(entry.getKey()))
                .collect(joining(", "));
    }

    /** The findings that are not accepted, grouped by changeset, the most serious first. */
    List<Case> toDecide() {
        return cases().filter(one -> one.finding().accepted() == null).toList();
    }

    List<Case> accepted() {
        return cases().filter(one -> one.finding().accepted() != null).toList();
    }

    private Stream<Case> cases() {
        return changesets().stream().flatMap(changeset -> changeset.trace().findings().stream()
                .map(finding -> new Case(changeset, finding)));
    }

    List<Fact> facts() {
        return !isMeasured() ? List.of() : List.of(pending(), worstLock(), blocking(), here(), there(), back());
    }

    private Fact pending() {
        return new Fact("Pending", Plural.of(trace().changesets().size(), review.noun()), !review.wayBack() ? ""
                : features.size() <= 3 ? features.stream().map(FeatureView::id).collect(joining(", "))
                : "in " + Plural.of(features.size(), "feature"), "");
    }

    /** The longest lock that blocks others. */
    Optional<Lock> worst() {
        return changesets().stream().flatMap(changeset -> changeset.blockingLocks().stream())
                .max(Comparator.comparing(Lock::held).thenComparing(Lock::mode));
    }

    private Fact worstLock() {
        if (!isWhole() && worst().isEmpty()) {
            return new Fact("Worst lock", "not known", "not everything was measured", "");
        }
        return worst().map(lock -> new Fact("Worst lock", time(lock.held()) + " on " + Words.table(lock.table()),
                        lock.mode() + ": " + lock.mode().blocks() + " wait", isBlocking() ? "bad" : ""))
                .orElseGet(() -> new Fact("Worst lock", "none", "no table in use is locked against writers or readers",
                        "good"));
    }

    boolean isBlocking() {
        return blockers() > 0;
    }

    private long blockers() {
        return toDecide().stream().filter(one -> one.finding().judgement() == Judgement.BLOCKING)
                .map(one -> one.changeset().number()).distinct().count();
    }

    private Fact blocking() {
        long open = blockers();
        long accepted = accepted().stream().filter(one -> one.finding().judgement() == Judgement.BLOCKING).count();
        if (open == 0 && !isWhole()) {
            return new Fact("Blocking", "not known", "not everything was measured", "bad");
        }
        return new Fact("Blocking", open > 0 ? "yes" : "no", open > 0 ? "by " + Plural.of(open, review.noun())
                : accepted > 0 ? "but for " + Plural.of(accepted, "accepted finding")
                : "no rows are read or written under a lock that others wait for", open > 0 ? "bad" : "good");
    }

    Duration timeHere() {
        return changesets().stream().map(changeset -> changeset.trace().forward().time())
                .reduce(Duration.ZERO, Duration::plus);
    }

    private Fact here() {
        return new Fact("Time here", time(timeHere()), "forward, on " + (review.rows() == Review.Rows.COPIED
                ? "the copy" : "the rows of this review"), "");
    }

    /** The forecasts; none without sizes. */
    List<Forecast> forecasts() {
        return changesets().stream().map(changeset -> changeset.trace().forecast()).filter(Objects::nonNull).toList();
    }

    /** The forecast for all changesets forward, if there is one for each. */
    Optional<Range> timeThere() {
        List<Forecast> all = forecasts();
        return !isWhole() || all.size() < changesets().size() ? Optional.empty()
                : all.stream().map(Forecast::forward).reduce(Range::plus);
    }

    /** The longest of the blocking locks in the forecasts. */
    Optional<Range> worstLockThere() {
        return forecasts().stream().map(Forecast::lock).filter(Objects::nonNull)
                .max(Comparator.comparing(Range::likely));
    }

    private Fact there() {
        if (review.rows() == Review.Rows.COPIED) {
            return new Fact("Expected there", "as here", "the copy has all of its rows", "");
        }
        if (forecasts().isEmpty()) {
            return new Fact("Expected there", "not known", "no sizes of its tables were given: --sizes", "");
        }
        return new Fact("Expected there", timeThere().map(Words::range).orElse("not known"),
                worstLockThere().map(lock -> "writers or readers wait for at most " + time(lock.high()) + "; ")
                        .orElse("") + forecasts().get(0).basis(), "");
    }

    boolean isProvenBack() {
        return review.wayBack() && isWhole() && unproven() == 0;
    }

    long unproven() {
        return changesets().stream().filter(changeset -> !changeset.isProvenBack()).count();
    }

    private Fact back() {
        if (!review.wayBack()) {
            return new Fact("Rollback", "not given", "the SQL has no way back", "");
        }
        long not = unproven();
        return isProvenBack() ? new Fact("Rollback proven", "yes", "schema and data came back to the byte", "good")
                : new Fact("Rollback proven", "no", not == 0 ? "not everything was measured"
                : "not of " + Plural.of(not, review.noun()), "bad");
    }
}
