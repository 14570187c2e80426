package dev.supportdb.session;

import java.util.Map;
import java.util.logging.Level;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.logging.LogService;
import liquibase.logging.Logger;
import liquibase.logging.core.AbstractLogService;
import liquibase.logging.core.AbstractLogger;

/**
 * Filters Liquibase's log in a Maven goal, where the plugin prints it among the messages, and three of four lines
 * repeat a message. The log of each step is printed with {@code mvn -X}; warnings and errors always. Other logs are not
 * changed.
 */
public final class MavenLog extends AbstractLogService {

    private final LogService plugins;
    private final CommandScope command;

    private MavenLog(LogService plugins, CommandScope command) {
        this.plugins = plugins;
        this.command = command;
    }

    /**
     * Begins the filter for a command that the plugin runs; a step of the command calls {@link #end} at its cleanup.
     */
    public static void begin(CommandScope command) throws Exception {
        LogService log = Scope.getCurrentScope().get(Scope.Attr.logService, LogService.class);
        if (log.getClass().getName().startsWith("org.liquibase.maven.")) {
            enter(log, command);
        }
    }

    static void enter(LogService log, CommandScope command) throws Exception {
        Scope.enter(Map.of(Scope.Attr.logService.name(), new MavenLog(log, command)));
    }

    /**
     * Ends the filter that {@link #begin} has begun for this command. Does nothing for another one: a command may run
     * others, such as {@code updateTestingRollback}, and has one filter for all.
     */
    public static void end(CommandScope command) {
        Scope scope = Scope.getCurrentScope();
        if (scope.get(Scope.Attr.logService, LogService.class) instanceof MavenLog own && own.command == command) {
            try {
                Scope.exit(scope.getScopeId());
            } catch (Exception e) {
                throw new IllegalStateException("A step of the command did not close its own scope", e);
            }
        }
    }

    @Override
    public int getPriority() {
        return PRIORITY_NOT_APPLICABLE;
    }

    @Override
    public Logger getLog(@SuppressWarnings("rawtypes") Class clazz) {
        Logger log = plugins.getLog(clazz);
        return new AbstractLogger() {
            @Override
            public void log(Level level, String message, Throwable failure) {
                log.log(level == Level.INFO ? Level.FINE : level, message, failure);
            }

            @Override
            public void close() {
                // The plugin closes its own log.
            }
        };
    }
}
