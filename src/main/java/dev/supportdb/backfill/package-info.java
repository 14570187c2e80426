/** What a backfill is, and what the class of one needs. The engine that runs it is behind. */
package dev.supportdb.backfill;
