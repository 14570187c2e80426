package dev.supportdb.session;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.Scope;
import liquibase.exception.DatabaseException;
import liquibase.resource.Resource;

/**
 * The schema of a changelog, from the property {@value #PROPERTY} of its root file. A changelog with this property uses
 * the rules of this project: its settings, its checks before a run, its label filters. Any other changelog runs as with
 * Liquibase alone.
 *
 * <p>The property is read from the text before anything is parsed, because the session is prepared first, and
 * Liquibase's parsing depends on labels and contexts.
 */
final class ChangelogSchema {

    static final String PROPERTY = "supportdb.schema";

    private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*#.*$|\\s#\\s.*$|<!--(?s:.*?)-->");
    private static final Pattern VALUE = Pattern.compile(
            Pattern.quote(PROPERTY) + "[\"']?[\\s,]*[\"']?value[\"']?\\s*[:=]\\s*[\"']?([a-z_][a-z0-9_]*)(?![\\w$-])");

    private ChangelogSchema() {
    }

    /**
     * Returns the schema; empty if the file names none.
     *
     * @param changelogFile path of the root file; null if the command has none
     */
    static Optional<String> of(String changelogFile) throws DatabaseException {
        if (changelogFile == null) {
            return Optional.empty();
        }
        try {
            Resource file = Scope.getCurrentScope().getResourceAccessor().get(changelogFile);
            if (!file.exists()) { // Liquibase will report the missing file.
                return Optional.empty();
            }
            try (InputStream text = file.openInputStream()) {
                return in(changelogFile, new String(text.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new DatabaseException("%s cannot be read: %s".formatted(changelogFile, e.getMessage()), e);
        }
    }

    private static Optional<String> in(String changelogFile, String text) throws DatabaseException {
        String said = COMMENT.matcher(text).replaceAll("");
        if (!said.contains(PROPERTY)) {
            return Optional.empty();
        }
        Matcher value = VALUE.matcher(said);
        if (!value.find()) {
            throw new DatabaseException("""
                    The property %1$s in %2$s cannot be read. Nothing has been changed. Write it as
                      - property: {name: %1$s, value: public}""".formatted(PROPERTY, changelogFile));
        }
        return Optional.of(value.group(1));
    }
}
