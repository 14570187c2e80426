/** Every Liquibase run gets this, by whatever goal: a prepared session, its lock, and credentials from outside. */
package dev.supportdb.session;
