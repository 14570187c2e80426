package dev.supportdb.run;

import dev.supportdb.session.NoConnection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.exception.CustomChangeException;
import liquibase.exception.LockException;

/** The state in which a failure has left a database, and with it what to do. */
public enum FailureKind {

    /** There was no connection, so nothing was done. */
    NOT_CONNECTED,

    /** A check said no before anything was done. */
    REFUSED,

    /** The cause goes by itself, or a backfill keeps what it has done: the same command resumes. */
    RESUMABLE,

    /** The changeset that failed is as if it had never run; what ran before it stays. */
    ROLLED_BACK,

    /** The changeset that failed ran outside a transaction, and may have left a part of itself. */
    UNFINISHED;

    /**
     * Classes and codes of PostgreSQL's appendix A: a connection that is lost, a deadlock, no room, a lock that was not
     * to be had, a session that was ended or a statement that was cancelled, a disk that failed.
     */
    private static final Set<String> PASSING = Set.of("08", "40", "53", "57", "58");
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    public static FailureKind of(Throwable failure) {
        List<Throwable> causes = Stream.iterate(failure, Objects::nonNull, Throwable::getCause).toList();
        if (causes.stream().anyMatch(NoConnection.class::isInstance)) {
            return NOT_CONNECTED;
        }
        FailureKind kind = REFUSED;
        for (Throwable cause : causes) {
            // A CustomChangeException comes from a backfill that an earlier run has left half done, not a changeset.
            if (cause instanceof LockException || cause instanceof StopRequest.Stopped
                    || cause instanceof CustomChangeException || passes(cause)) {
                return RESUMABLE;
            }
            if (cause instanceof FailedChangeset failed) {
                kind = failed.kind();
            }
        }
        return kind;
    }

    private static boolean passes(Throwable cause) {
        String state = cause instanceof SQLException sql && sql.getSQLState() != null ? sql.getSQLState() : "";
        return state.equals(LOCK_NOT_AVAILABLE) || state.length() == 5 && PASSING.contains(state.substring(0, 2));
    }
}
