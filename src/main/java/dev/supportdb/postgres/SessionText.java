package dev.supportdb.postgres;

/** SQL that says who a session is, by what an ordinary role may see of those of other roles. */
public final class SessionText {

    /**
     * Text on the row {@code a} of {@code pg_stat_activity}: application and state, or application and user where the
     * server keeps the state to itself.
     */
    public static final String WHO =
            "concat_ws(', ', nullif(a.application_name, ''), coalesce(a.state, 'user ' || a.usename))";

    /** Text: the right by which the server tells state and age as well. */
    public static final String RIGHT_TO_SEE_MORE =
            "format('grant pg_read_all_stats to %I; shows its state and age', current_user)";

    private SessionText() {
    }
}
