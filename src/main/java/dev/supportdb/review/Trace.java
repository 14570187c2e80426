package dev.supportdb.review;

import java.util.List;
import java.util.Map;

/**
 * What was measured of some changesets.
 *
 * @param server     the version of the server
 * @param basis      a sentence: the schema and the rows it was measured on
 * @param changesets in the order in which they ran
 * @param empty      the tables on which nothing could be measured for want of rows, and why
 * @param failure    why a changeset could not be run, so that those after it were not looked at; null when all were
 */
public record Trace(String server, String basis, List<ChangesetTrace> changesets, Map<String, String> empty,
        String failure) {

    /** How many changesets have a finding that is not accepted. */
    public long toDecide() {
        return changesets.stream().filter(changeset -> changeset.judgement() != Judgement.FINE).count();
    }
}
