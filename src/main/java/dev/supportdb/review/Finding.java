package dev.supportdb.review;

import java.time.Duration;

/**
 * A reason why a changeset is not fine, as it was measured.
 *
 * @param back      whether it occurred in the rollback
 * @param reason    sentences: what happened, on which table, under which lock, for how long
 * @param statement the statement, on one line; null for the changeset as a whole
 * @param table     null if it is not about a single table
 * @param lock      null if it is not about a lock
 * @param held      how long the lock was held at most; null as above
 * @param rows      rows read or written meanwhile, or lost
 * @param instead   the safe form, as YAML or SQL like the measured changeset; null if there is none
 * @param accepted  the changelog's reason for accepting it; null if it does not
 */
public record Finding(Judgement judgement, boolean back, String reason, String statement, String table, LockMode lock,
        Duration held, long rows, String instead, String accepted) {

    static Finding of(Judgement judgement, boolean back, String reason, String statement) {
        return new Finding(judgement, back, reason, statement, null, null, null, 0, null, null);
    }

    Finding instead(String form) {
        return new Finding(judgement, back, reason, statement, table, lock, held, rows, form, accepted);
    }

    Finding accepted(String why) {
        return new Finding(judgement, back, reason, statement, table, lock, held, rows, instead, why);
    }
}
