/** What a database looks like: a fingerprint of its catalogue, a digest of its data, and how two of them differ. */
package dev.supportdb.schema;
