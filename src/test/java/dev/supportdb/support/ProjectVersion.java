package dev.supportdb.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of this project, which only the pom decides. */
public final class ProjectVersion {

    private static final Pattern OF_PROJECT =
            Pattern.compile("<artifactId>support-db</artifactId>\\s*<version>([^<]+)</version>");

    private ProjectVersion() {
    }

    /** Such as {@code 1.0-SNAPSHOT}. */
    public static String read() throws IOException {
        Matcher version = OF_PROJECT.matcher(Files.readString(Path.of("pom.xml")));
        if (!version.find()) {
            throw new IOException("pom.xml names no version of support-db");
        }
        return version.group(1);
    }
}
