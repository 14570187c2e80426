package dev.supportdb.session;

/**
 * Joins the commit of a changeset with that of its row in the history.
 *
 * <p>Liquibase commits a changeset, writes its row, and commits again. After a crash in between, the next run would
 * repeat the changeset. So the first commit is withheld until the row is written, forward and back:
 *
 * <pre>
 * Liquibase calls                           here              state afterwards   a commit
 * ----------------------------------------  ----------------  -----------------  ------------
 *                                                             OUTSIDE            is passed on
 * setAutoCommit(false)                      start(true)       UNCHANGED          is passed on
 * executeStatements(), executeRollback…()   change()          CHANGED            is withheld
 * commit()                                  commit()          AWAITING_ROW       is withheld
 * markChangeSetExecStatus(), or             (writes the row)
 * removeRanStatus() on the way back         finish()          OUTSIDE            is passed on
 * </pre>
 *
 * <p>All transitions. A dash is an illegal one: it would commit a changeset without its row, or the row of a changeset
 * that is not complete:
 *
 * <pre>
 *                 start(true)   start(false)   change()     commit()        finish()   rollBack()
 * OUTSIDE         UNCHANGED     OUTSIDE        OUTSIDE      OUTSIDE         OUTSIDE    OUTSIDE
 * UNCHANGED       UNCHANGED     OUTSIDE        CHANGED      UNCHANGED       OUTSIDE    UNCHANGED
 * CHANGED         -             -              CHANGED      AWAITING_ROW    -          UNCHANGED
 * AWAITING_ROW    -             -              CHANGED      AWAITING_ROW    OUTSIDE    UNCHANGED
 * </pre>
 *
 * <p>A change after a commit is legal: a custom change may commit before the changeset is complete, and that commit is
 * withheld like any other.
 */
final class ChangesetTransaction {

    enum State {
        /** No changeset has a transaction: between changesets, and in one with {@code runInTransaction: false}. */
        OUTSIDE,
        /** A changeset has its transaction and has changed nothing yet. */
        UNCHANGED,
        /** The changeset has changed something. */
        CHANGED,
        /** The changeset is complete, and its row is still to be written. */
        AWAITING_ROW
    }

    private State state = State.OUTSIDE;

    State state() {
        return state;
    }

    /** Returns whether the statements of the changeset are in one transaction. */
    boolean isOpen() {
        return state != State.OUTSIDE;
    }

    /** Returns whether there are changes whose row is still to be written. */
    boolean hasChanges() {
        return state == State.CHANGED || state == State.AWAITING_ROW;
    }

    /**
     * Starts a changeset. Liquibase also ends a changeset outside a transaction with {@code start(true)}.
     *
     * @param inTransaction whether the changeset runs in a transaction
     */
    void start(boolean inTransaction) {
        refuseWhen(hasChanges(), "begins a changeset");
        state = inTransaction ? State.UNCHANGED : State.OUTSIDE;
    }

    /** Notes that the changeset is about to change something. */
    void change() {
        if (isOpen()) {
            state = State.CHANGED;
        }
    }

    /** Notes that Liquibase commits. Returns whether the commit may be passed on to the server. */
    boolean commit() {
        if (hasChanges()) {
            state = State.AWAITING_ROW;
        }
        return !hasChanges();
    }

    /** Ends a changeset whose row is written: commits are passed on again. */
    void finish() {
        refuseWhen(state == State.CHANGED, "writes the row of a changeset");
        state = State.OUTSIDE;
    }

    /** Discards the changes of the changeset; its transaction starts again. */
    void rollBack() {
        if (isOpen()) {
            state = State.UNCHANGED;
        }
    }

    private void refuseWhen(boolean illegal, String call) {
        if (illegal) {
            throw new IllegalStateException("""
                    Liquibase %s in the state %s, which would commit a changeset apart from its row in the history. \
                    The changeset was not committed. Use a Liquibase version that the README names."""
                    .formatted(call, state));
        }
    }
}
