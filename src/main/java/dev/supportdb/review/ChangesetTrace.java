package dev.supportdb.review;

import java.util.List;
import java.util.Set;
import liquibase.changelog.ChangeSet;

/**
 * The measurements of a changeset, forward and back.
 *
 * @param inUse    the tables that others use meanwhile: those from before, but for what the same file has made
 * @param changeSet Liquibase's changeset
 * @param back      null if it could not be undone
 * @param made      the objects that it has created, by their names in the fingerprint
 * @param gone      the objects that it has dropped
 * @param findings  the reasons why it is not fine, in their order
 * @param forecast  its times on the target; null if none was requested
 */
public record ChangesetTrace(ChangeSet changeSet, Set<String> inUse, PassTrace forward, PassTrace back,
        List<String> made, List<String> gone, List<Finding> findings, Forecast forecast) {

    public ChangesetTrace {
        inUse = Set.copyOf(inUse);
        made = List.copyOf(made);
        gone = List.copyOf(gone);
        findings = List.copyOf(findings);
    }

    ChangesetTrace with(Forecast forecast) {
        return new ChangesetTrace(changeSet, inUse, forward, back, made, gone, findings, forecast);
    }

    ChangesetTrace with(List<Finding> others) {
        return new ChangesetTrace(changeSet, inUse, forward, back, made, gone, others, forecast);
    }

    /** The gravest finding that is not accepted. */
    public Judgement judgement() {
        return findings.stream().filter(finding -> finding.accepted() == null).map(Finding::judgement).findFirst()
                .orElse(Judgement.FINE);
    }
}
