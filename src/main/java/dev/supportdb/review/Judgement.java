package dev.supportdb.review;

import java.util.Locale;

/** The verdict on a changeset, from what was measured. */
public enum Judgement {
    FINE,

    /** A lock stops writers or readers while rows are read or written, or for too long. */
    BLOCKING,

    /** An object or rows are lost that an application of before, or somebody else, still uses. */
    LOSES,

    /** Its rollback did not give back schema and data. */
    NOT_PROVEN_BACK,

    /** Outside a transaction, run a second time, it fails or leaves something else. */
    UNSAFE_TO_RUN_AGAIN;

    /** As a person types it where a finding is accepted: {@code not-proven-back}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
