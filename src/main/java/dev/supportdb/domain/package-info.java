/** All that knows the support schema: the backfills its changelog names, sample and hostile rows, recounts. */
package dev.supportdb.domain;
