/** JDBC and SQL helpers that know nothing of this project: lexer, lock retry, settings, connections. */
package dev.supportdb.postgres;
