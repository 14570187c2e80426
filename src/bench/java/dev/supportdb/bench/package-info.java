/** Measures backfills against plain SQL, for {@code make bench}: a program, whose figures no test depends on. */
package dev.supportdb.bench;
