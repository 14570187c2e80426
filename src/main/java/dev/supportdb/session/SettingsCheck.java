package dev.supportdb.session;

import dev.supportdb.postgres.NumberSetting;
import java.util.Collection;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.GlobalConfiguration;
import liquibase.Scope;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.configuration.LiquibaseConfiguration;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * Checks all settings when a run begins, ours and those of Liquibase, so that a wrong one is refused before anything
 * changes. Liquibase itself reads a setting only when it needs it, such as how long to wait for the lock once it has to
 * wait.
 */
public final class SettingsCheck {

    private static final String PREFIX = "supportdb.";
    private static final Set<String> PREFIXES = Set.of(PREFIX, "liquibase.");

    private static final int YEAR_IN_MINUTES = 365 * 24 * 60;
    private static final int HOUR_IN_SECONDS = 60 * 60;

    private SettingsCheck() {
    }

    /**
     * Checks all settings, also before any run has begun.
     *
     * @throws UnexpectedLiquibaseException naming a setting that has an invalid value, or that does not exist
     */
    public static void run() {
        try {
            check();
        } catch (IllegalArgumentException e) {
            throw new UnexpectedLiquibaseException("\n" + e.getMessage() + ". Nothing has been changed.", e);
        }
    }

    private static void check() {
        // The Maven plugin looks for definitions before the project's classes are loaded; loading one registers it.
        ServiceLoader.load(AutoloadedConfigurations.class, SettingsCheck.class.getClassLoader()).forEach(loaded -> { });
        Collection<ConfigurationDefinition<?>> settings =
                Scope.getCurrentScope().getSingleton(LiquibaseConfiguration.class).getRegisteredDefinitions(false);
        // Liquibase has no limits for these settings of its own.
        NumberSetting.whole(GlobalConfiguration.CHANGELOGLOCK_WAIT_TIME.getKey(), 0, YEAR_IN_MINUTES)
                .convert(given(GlobalConfiguration.CHANGELOGLOCK_WAIT_TIME));
        NumberSetting.whole(GlobalConfiguration.CHANGELOGLOCK_POLL_RATE.getKey(), 1, HOUR_IN_SECONDS)
                .convert(given(GlobalConfiguration.CHANGELOGLOCK_POLL_RATE));
        settings.stream().filter(setting -> PREFIXES.stream().anyMatch(setting.getKey()::startsWith))
                .forEach(SettingsCheck::read);
        checkNames(settings.stream().map(ConfigurationDefinition::getKey)
                .filter(key -> key.startsWith(PREFIX)).collect(Collectors.toSet()));
    }

    private static void read(ConfigurationDefinition<?> setting) {
        try {
            setting.getCurrentValue();
        } catch (IllegalArgumentException e) {
            if (given(setting) == null) {
                // The default of an extension's setting that its own converter refuses.
                return;
            }
            String message = reason(e);
            throw new IllegalArgumentException(message.startsWith(PREFIX) ? message : "%s must be %s, not '%s'".formatted(
                    setting.getKey(), setting.getDataType() == Boolean.class ? "true or false"
                            : Number.class.isAssignableFrom(setting.getDataType()) ? "a number" : "another value",
                    given(setting)));
        }
    }

    /** The message that a converter has thrown; Liquibase wraps it. */
    static String reason(IllegalArgumentException wrapped) {
        Throwable reason = wrapped;
        while (reason.getCause() != null) {
            reason = reason.getCause();
        }
        return String.valueOf(reason.getMessage()).strip();
    }

    /** The value as given; null if there is none. */
    private static Object given(ConfigurationDefinition<?> setting) {
        Object value = Scope.getCurrentScope().getSingleton(LiquibaseConfiguration.class)
                .getCurrentConfiguredValue(null, null, setting.getKey()).getValue();
        return value == null || value.toString().isEmpty() ? null : value;
    }

    /**
     * Refuses misspelt names, which Liquibase would ignore. A variable without a known group is accepted, because
     * Kubernetes may have set it for a service.
     */
    private static void checkNames(Set<String> known) {
        // Liquibase takes a property of a changelog from the system properties as well.
        Set<String> names = Stream.concat(known.stream(), Stream.of(ChangelogSchema.PROPERTY))
                .map(SettingsCheck::plain).collect(Collectors.toSet());
        Set<String> groups = known.stream().filter(key -> key.indexOf('.') < key.lastIndexOf('.'))
                .map(key -> key.replaceFirst("^supportdb[.](\\w+[.]).*", "SUPPORTDB_$1").replace('.', '_'))
                .map(group -> group.toUpperCase(Locale.ROOT)).collect(Collectors.toSet());
        Stream.concat(System.getProperties().stringPropertyNames().stream().filter(name -> name.startsWith(PREFIX)),
                        System.getenv().keySet().stream().filter(name -> groups.stream().anyMatch(name::startsWith)))
                .filter(name -> !names.contains(plain(name))).sorted().findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("There is no setting %s; there are: %s".formatted(name,
                            known.stream().map(SettingsCheck::dashed).sorted().collect(Collectors.joining(", "))));
                });
    }

    /** Normalises a name: Liquibase accepts batchTime for batch-time, in any case. */
    private static String plain(String name) {
        return name.replaceAll("[-_.]", "").toLowerCase(Locale.ROOT);
    }

    private static String dashed(String key) {
        return key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
