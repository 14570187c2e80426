/** What the changelog lacks to agree with the JPA classes in src/models, or with a database, as changesets. */
package dev.supportdb.generate;
