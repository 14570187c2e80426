/** What every Liquibase run gets, by whatever goal: a prepared session, its lock, and credentials from outside. */
package dev.supportdb.session;
