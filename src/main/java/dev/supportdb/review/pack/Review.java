package dev.supportdb.review.pack;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.review.Trace;

/**
 * The subject of a review, and its measurements.
 *
 * @param subject   its subject in words: a database, or two names
 * @param command   the command that repeats it
 * @param others    further commands for its environment
 * @param rows      the rows of the tables
 * @param wayBack   whether there are rollbacks to review; the SQL of another tool has none
 * @param note      a further remark; null for none
 * @param changelog the files of the changesets
 * @param sql       the SQL of each changeset
 */
public record Review(String subject, String command, Commands others, Rows rows, boolean wayBack, String note,
        Trace trace, Changelog changelog, ChangesetSql sql) {

    /** Returns another command for the environment of the review, to be pasted. */
    public interface Commands {
        String of(String command, String... words);
    }

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
