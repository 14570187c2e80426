package dev.supportdb.review.pack;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.review.Trace;

/**
 * The subject of a review, and its measurements.
 *
 * @param subject   what it is about, in words: a database, or two names
 * @param command   the command that makes it again
 * @param rows      what the tables held
 * @param wayBack   whether there are rollbacks to be looked at; the SQL of another tool has none
 * @param note      what else is to be thought of; null for nothing
 * @param changelog the files that the changesets are from
 * @param sql       of each changeset
 */
public record Review(String subject, String command, Rows rows, boolean wayBack, String note, Trace trace,
        Changelog changelog, ChangesetSql sql) {

    /** The rows on which it was measured. */
    public enum Rows {
        GENERATED,

        /** The rows of a database in use. */
        COPIED
    }

    /** The noun for counts: changeset, or step for the SQL of another tool. */
    String noun() {
        return wayBack ? "changeset" : "step";
    }
}
