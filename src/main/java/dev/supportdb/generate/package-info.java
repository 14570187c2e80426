/** Writes changesets: from the template, from the JPA classes, from what was changed by hand. */
package dev.supportdb.generate;
