package dev.supportdb.postgres;

/** SQL that describes a session, with the columns that an ordinary role may see of other roles' sessions. */
public final class SessionText {

    /**
     * An SQL text for the row {@code a} of {@code pg_stat_activity}: application and state, or application and user if
     * the server hides the state.
     */
    public static final String WHO =
            "concat_ws(', ', nullif(a.application_name, ''), coalesce(a.state, 'user ' || a.usename))";

    /** The role whose members also see the state and the age of a session, as a text. */
    public static final String RIGHT_TO_SEE_MORE =
            "format('grant pg_read_all_stats to %I; shows its state and age', current_user)";

    private SessionText() {
    }
}
