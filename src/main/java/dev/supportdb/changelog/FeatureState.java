package dev.supportdb.changelog;

import java.util.Locale;

/** The state of a feature in a database. */
public enum FeatureState {

    /** All changesets have run. */
    APPLIED,

    /** Some changesets have run. */
    PARTLY,

    /** The next update runs it. */
    PENDING,

    /** Updates skip it until its dependencies are there. */
    WAITING,

    /** The contexts or the label filter of the environment exclude it. */
    LEFT_OUT;

    /** The state in words, for people and programs: {@code left out}. */
    public String inWords() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
