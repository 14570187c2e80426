package dev.supportdb.changelog;

import java.util.logging.Level;
import java.util.logging.Logger;

/** What Liquibase would write beside the answers of a command. */
public final class LiquibaseLogging {

    /** Held here because java.util.logging forgets the level of a logger nobody holds. */
    private static final Logger LOGGER = Logger.getLogger("liquibase");

    private LiquibaseLogging() {
    }

    /** From here on nothing: what went wrong is in the exception. */
    public static void off() {
        LOGGER.setLevel(Level.OFF);
    }
}
