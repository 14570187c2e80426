package dev.supportdb.postgres;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Variables of the environment {@code analytics}, the one that is a second database beside the first of the same
 * deployment: with {@code ANALYTICS_DATABASE_URL} set, each {@code ANALYTICS_…} goes before the one without.
 */
public final class AnalyticsVariables {

    /** The environment that they are for. */
    public static final String ENVIRONMENT = "analytics";

    private AnalyticsVariables() {
    }

    /** The URL of the second database; null where there is none. */
    public static String url(Map<String, String> variables) {
        return variables.get("ANALYTICS_DATABASE_URL");
    }

    /**
     * The variables as the second database has them, by the names of those of the first.
     *
     * @param variables of the process; a blank one counts as not set
     */
    public static Map<String, String> in(Map<String, String> variables) {
        Map<String, String> result = new HashMap<>(variables);
        if (isSet(url(variables))) {
            for (String name : List.of("DATABASE_URL", "DB_USERNAME", "DB_PASSWORD")) {
                String own = variables.get("ANALYTICS_" + name);
                if (isSet(own)) {
                    result.put(name, own);
                }
            }
        }
        return result;
    }

    private static boolean isSet(String value) {
        return value != null && !value.isBlank();
    }
}
