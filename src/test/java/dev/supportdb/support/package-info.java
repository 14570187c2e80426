/** The base of every test: a real PostgreSQL, a database of its own, and helpers. */
package dev.supportdb.support;
