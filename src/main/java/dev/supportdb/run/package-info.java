/** Drives Liquibase: updates, rollbacks and their SQL, plans, and the state of a database. */
package dev.supportdb.run;
