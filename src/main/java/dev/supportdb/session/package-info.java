/** Gives every Liquibase run, by any goal, a prepared session, its lock, and credentials from outside. */
package dev.supportdb.session;
