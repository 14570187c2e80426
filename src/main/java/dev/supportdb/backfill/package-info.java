/** Moves the rows of large tables in short transactions: the engine, and the custom changes the changelog names. */
package dev.supportdb.backfill;
