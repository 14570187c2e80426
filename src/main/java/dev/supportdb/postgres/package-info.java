/** JDBC and SQL helpers that know nothing of this project: queries, addresses, lexer, lock retry, settings. */
package dev.supportdb.postgres;
