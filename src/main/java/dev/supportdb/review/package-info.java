/** The instrument: what changesets do to a server, measured on a scratch database with rows in it, and judged. */
package dev.supportdb.review;
