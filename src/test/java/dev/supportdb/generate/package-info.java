/** Changesets from JPA classes: what is written is run. */
package dev.supportdb.generate;
