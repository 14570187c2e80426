package dev.supportdb.deploy;

import java.time.Duration;

/**
 * The result of one target.
 *
 * @param version the last applied feature of each branch; empty if unknown
 * @param pending how many changesets are still to run
 * @param reason  one line; empty if there is nothing to say
 * @param review  what was found in the pending changesets; null if they were not reviewed
 */
public record FleetResult(String target, FleetState state, String version, int pending, Duration took, String reason,
        FleetReview review) {

    FleetResult(String target, FleetState state, String version, int pending, Duration took, String reason) {
        this(target, state, version, pending, took, reason, null);
    }

    FleetResult with(FleetState itsState, Duration itsTook, String itsReason) {
        return new FleetResult(target, itsState, version, pending, itsTook, itsReason, review);
    }

    FleetResult with(FleetReview itsReview) {
        return new FleetResult(target, state, version, pending, took, reason, itsReview);
    }

    /** The same target, with the review of another target that has the same history and schema. */
    FleetResult like(FleetResult other) {
        return new FleetResult(target, other.state, version, pending, took,
                other.state == FleetState.NOT_BEGUN ? "" : "as " + other.target, other.review);
    }
}
