package dev.supportdb.session;

import org.postgresql.Driver;

/**
 * Connects Maven goals as PostgreSQL's own driver does. The pom names it as the driver, so that a goal in a clone that
 * is not compiled stops before it connects, with a message that contains the name of this class, which says what to do:
 * without the project's classes there would be no lock timeout, no checks and another lock.
 */
public final class RunMvnCompileFirst extends Driver {
}
