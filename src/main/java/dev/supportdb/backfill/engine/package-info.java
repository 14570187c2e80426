/** Runs a backfill: key ranges, workers, short transactions that lock first and write second. */
package dev.supportdb.backfill.engine;
