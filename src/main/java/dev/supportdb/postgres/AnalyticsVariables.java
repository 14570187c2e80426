package dev.supportdb.postgres;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Variables of the environment {@code analytics}, the second database of a deployment: if
 * {@code ANALYTICS_DATABASE_URL} is set, each {@code ANALYTICS_…} takes precedence over the one without the prefix.
 */
public final class AnalyticsVariables {

    /** The environment of these variables. */
    public static final String ENVIRONMENT = "analytics";

    private AnalyticsVariables() {
    }

    /** The URL of the second database; null if there is none. */
    public static String url(Map<String, String> variables) {
        return variables.get("ANALYTICS_DATABASE_URL");
    }

    /**
     * Returns the variables for the second database, under the names of those for the first.
     *
     * @param variables the variables of the process; a blank one counts as not set
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
