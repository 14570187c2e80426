/** A database as data: a fingerprint of its catalogue, a digest of its rows, and the difference of two. */
package dev.supportdb.schema;
