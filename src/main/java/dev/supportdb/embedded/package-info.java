/** A PostgreSQL for a machine that has none: unpacked from Maven Central's binaries, kept in one folder of the project. */
package dev.supportdb.embedded;
