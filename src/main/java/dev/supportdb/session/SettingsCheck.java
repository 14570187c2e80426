package dev.supportdb.session;

import java.util.ServiceLoader;
import liquibase.Scope;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.configuration.LiquibaseConfiguration;

/** Reads our settings when a run begins, so that a wrong one is refused before anything is changed. */
final class SettingsCheck {

    private SettingsCheck() {
    }

    /** Throws {@link IllegalArgumentException} naming a setting whose value it cannot have. */
    static void run() {
        // The Maven plugin looks for definitions before it knows the project's classes. Loading one registers it.
        ServiceLoader.load(AutoloadedConfigurations.class, SettingsCheck.class.getClassLoader()).forEach(loaded -> { });
        Scope.getCurrentScope().getSingleton(LiquibaseConfiguration.class).getRegisteredDefinitions(false).stream()
                .filter(setting -> setting.getKey().startsWith("supportdb."))
                .forEach(SettingsCheck::read);
    }

    private static void read(ConfigurationDefinition<?> setting) {
        try {
            setting.getCurrentValue();
        } catch (IllegalArgumentException e) {
            // Liquibase wraps what a converter throws.
            Throwable reason = e;
            while (reason.getCause() != null) {
                reason = reason.getCause();
            }
            String message = String.valueOf(reason.getMessage()).strip();
            throw new IllegalArgumentException(message.startsWith("supportdb.") ? message
                    : "%s cannot be read: %s".formatted(setting.getKey(), message), e);
        }
    }
}
