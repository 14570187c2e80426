/** Backfills: the plan of one, and what its class needs. The engine that runs them is behind. */
package dev.supportdb.backfill;
