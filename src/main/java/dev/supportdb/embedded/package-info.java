/** A PostgreSQL for a machine that has none: kept in one folder, gone when that is deleted. */
package dev.supportdb.embedded;
