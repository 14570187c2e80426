package dev.supportdb.changelog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.exception.CommandExecutionException;

/**
 * A changelog file still has the lines of a merge conflict. Its type is the only one whose message Liquibase shows
 * unchanged.
 */
public final class MergeConflict extends CommandExecutionException {

    /** What to do about the lines. */
    public static final String WAY = "resolve the merge conflict, and remove its lines with <<<<<<<, ======= and >>>>>>>";

    private static final long serialVersionUID = 1L;
    private static final Pattern MARKER = Pattern.compile("(?m)^(?:<{7}|={7}|>{7})(?: .*)?$");
    private static final Pattern UNREADABLE = Pattern.compile("Syntax error in file (.+?): ");

    private MergeConflict(String file, int line) {
        super("%s has a merge conflict in line %d. Nothing has been changed. To continue, %s."
                .formatted(file, line, WAY));
    }

    /** Returns the line in which a conflict begins, from 1; empty if the text has none. */
    public static OptionalInt line(String text) {
        Matcher marker = MARKER.matcher(text);
        return marker.find() ? OptionalInt.of((int) text.substring(0, marker.start()).lines().count() + 1)
                : OptionalInt.empty();
    }

    /**
     * Throws the reason why Liquibase could not parse a changelog, if that is a merge conflict in one of its files. The
     * files are those of the current scope.
     *
     * @param failure of Liquibase, with its causes
     */
    public static void throwIfCause(Exception failure) throws MergeConflict {
        String messages = Stream.iterate((Throwable) failure, Objects::nonNull, Throwable::getCause)
                .map(Throwable::getMessage).filter(Objects::nonNull).collect(Collectors.joining("\n"));
        Matcher unreadable = UNREADABLE.matcher(messages);
        if (!unreadable.find()) {
            return;
        }
        String file = unreadable.group(1);
        OptionalInt line;
        try (InputStream text = Scope.getCurrentScope().getResourceAccessor().getExisting(file).openInputStream()) {
            line = line(new String(text.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return; // The failure itself names the file.
        }
        if (line.isPresent()) {
            throw new MergeConflict(file, line.getAsInt());
        }
    }
}
