package dev.supportdb.review;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The measurements of some changesets.
 *
 * @param server     the version of the server; null if nothing was run on one
 * @param basis      a sentence: the schema and the rows it was measured on; null if nothing was measured
 * @param changesets in the order in which they ran
 * @param empty      the tables on which nothing could be measured for want of rows, and why
 * @param failure    why a changeset could not be run, so that later ones were not measured; null if all ran
 */
public record Trace(String server, String basis, List<ChangesetTrace> changesets, Map<String, String> empty,
        String failure) {

    /**
     * Returns a trace of no changesets.
     *
     * @param refusal why an update would run none; null if none is pending
     */
    public static Trace ofNothing(String refusal) {
        return new Trace(null, null, List.of(), Map.of(), refusal);
    }

    /** The number of changesets with a finding that is not accepted. */
    public long toDecide() {
        return changesets.stream().filter(changeset -> changeset.judgement() != Judgement.FINE).count();
    }

    Trace with(UnaryOperator<ChangesetTrace> more) {
        return new Trace(server, basis, changesets.stream().map(more).toList(), empty, failure);
    }
}
