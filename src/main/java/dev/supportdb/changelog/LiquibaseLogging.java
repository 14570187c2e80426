package dev.supportdb.changelog;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Turns off the log of Liquibase and the driver, which would mix with the output of a command. */
public final class LiquibaseLogging {

    /** References to the loggers, because java.util.logging forgets the level of a logger without a reference. */
    private static final List<Logger> LOGGERS =
            List.of(Logger.getLogger("liquibase"), Logger.getLogger("org.postgresql"));

    private LiquibaseLogging() {
    }

    /** Turns the log off from now on; the cause of a failure is in its exception. */
    public static void off() {
        LOGGERS.forEach(logger -> logger.setLevel(Level.OFF));
    }
}
