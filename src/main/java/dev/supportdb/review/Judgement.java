package dev.supportdb.review;

import java.util.Locale;

/** The verdict on a changeset, from what was measured. */
public enum Judgement {
    FINE,

    /** A lock blocks writers or readers while rows are read or written, or for too long. */
    BLOCKING,

    /** An object or rows are lost that an old application, or someone else, still uses. */
    LOSES,

    /** The rollback did not restore schema and data. */
    NOT_PROVEN_BACK,

    /** A changeset outside a transaction fails when it runs again, or leaves a different result. */
    UNSAFE_TO_RUN_AGAIN;

    /** The word with which a person accepts a finding: {@code not-proven-back}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
