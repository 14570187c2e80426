/** What the changelog lacks to agree with the JPA classes in src/models, as changesets. */
package dev.supportdb.generate;
