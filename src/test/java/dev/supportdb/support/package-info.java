/** What every test stands on: a real PostgreSQL, a database of one's own on it, and words to speak about it. */
package dev.supportdb.support;
