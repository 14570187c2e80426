package dev.supportdb.review;

import java.time.Duration;

/**
 * A reason why a changeset is not fine, as it was measured.
 *
 * @param back      whether on the way back
 * @param reason    sentences: what happened, on which table, under which lock, for how long
 * @param statement the statement, in one line; null where it is the changeset as a whole
 * @param table     null where it is no single one
 * @param lock      null where it is not about a lock
 * @param held      how long the lock was held at most; null as above
 * @param rows      rows read or written meanwhile, or lost
 * @param instead   the safe form, in the language of what was measured; null where there is none
 * @param accepted  the reason for which the changelog accepts it; null where it does not
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
