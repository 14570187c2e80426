package dev.supportdb.session;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.util.LiquibaseUtil;

/** The Liquibase version on the class path, which an application's framework may have chosen. */
final class LiquibaseVersion {

    private static final int OLDEST_MAJOR = 4;
    private static final int OLDEST_MINOR = 33;
    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+).*");

    private LiquibaseVersion() {
    }

    /** The start of a message why this version is refused; empty if it is supported. */
    static Optional<String> refusal() {
        return refusal(LiquibaseUtil.getBuildVersion());
    }

    /** The same for a given version. A version that is not a number is a private build and is accepted. */
    static Optional<String> refusal(String version) {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.matches()) {
            return Optional.empty();
        }
        int major = Integer.parseInt(numbers.group(1));
        int minor = Integer.parseInt(numbers.group(2));
        return major > OLDEST_MAJOR || major == OLDEST_MAJOR && minor >= OLDEST_MINOR ? Optional.empty()
                : Optional.of("""

                        support-db needs Liquibase 4.33 or later, and this is %s. Nothing has been changed. Set it:
                        - Spring Boot with Maven: <liquibase.version>4.33.0</liquibase.version> among the properties
                        - Spring Boot with Gradle: ext['liquibase.version'] = '4.33.0'
                        - Maven: the version of org.liquibase:liquibase-core, and of the liquibase-maven-plugin
                        - Gradle: implementation 'org.liquibase:liquibase-core:4.33.0'""".formatted(version));
    }
}
