package dev.supportdb.run;

import dev.supportdb.session.NoConnection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.exception.CustomChangeException;
import liquibase.exception.LockException;

/** The state in which a failure has left a database, which decides what to do. */
public enum FailureKind {

    /** No connection was possible, so nothing was done. */
    NOT_CONNECTED,

    /** A check refused the run before anything was done. */
    REFUSED,

    /** The cause is temporary, or a backfill keeps its progress: the same command resumes. */
    RESUMABLE,

    /** The failed changeset was rolled back; the changesets before it stay. */
    ROLLED_BACK,

    /** The failed changeset ran outside a transaction and may be partly done. */
    UNFINISHED;

    /**
     * SQLSTATE classes of PostgreSQL's appendix A: lost connection, deadlock or serialization failure, out of
     * resources, session ended or statement cancelled, failure of the system such as its disk.
     */
    private static final Set<String> PASSING = Set.of("08", "40", "53", "57", "58");
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Returns the state in which a failed run has left the database; {@link #REFUSED} if no changeset had begun. */
    public static FailureKind of(Throwable failure) {
        List<Throwable> causes = Stream.iterate(failure, Objects::nonNull, Throwable::getCause).toList();
        if (causes.stream().anyMatch(NoConnection.class::isInstance)) {
            return NOT_CONNECTED;
        }
        FailureKind kind = REFUSED;
        for (Throwable cause : causes) {
            // A CustomChangeException comes from a backfill, which keeps its progress, and not from a changeset.
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
