package dev.supportdb.backfill;

/**
 * One direction of a backfill: what is done to each key range, and what stands around it. Every part may be null.
 *
 * @param prepare   SQL statements run in one short transaction before the first batch; safe to run again
 * @param pending   which rows of a key range the batch is about, a predicate over the table's own columns; those rows
 *                  are locked, in key order, before {@code statement} looks at anything
 * @param statement one SQL statement over {@code id > :from and id <= :to}; it runs in the transaction that holds the
 *                  locks, with a snapshot taken after they were granted
 * @param finish    SQL statements run in one short transaction after the last batch; safe to run again
 */
public record Pass(String prepare, String pending, String statement, String finish) {

    static final Pass NONE = new Pass(null, null, null, null);
}
