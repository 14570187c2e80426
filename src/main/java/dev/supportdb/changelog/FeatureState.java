package dev.supportdb.changelog;

import java.util.Locale;

/** The state of a feature in a database. */
public enum FeatureState {

    /** All of it is there. */
    APPLIED,

    /** Some of it is there. */
    PARTLY,

    /** The next update begins it. */
    PENDING,

    /** Updates pass it over until what it needs is there. */
    WAITING,

    /** The environment's contexts or label filter leave it out. */
    LEFT_OUT;

    /** For people and programs: {@code left out}. */
    public String inWords() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
