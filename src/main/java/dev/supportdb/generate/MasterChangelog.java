package dev.supportdb.generate;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A master changelog as text. Adding an include keeps its comments and order.
 *
 * @param file its path
 * @param text its text, as it is in the file
 */
record MasterChangelog(Path file, String text) {

    private static final Pattern INCLUDED =
            Pattern.compile("\\bfile: *[\"']?(([^/\\s,}\"']+)/[^\\s,}\"']+\\.(?:ya?ml|xml|json|sql))");
    private static final Pattern ITEM = Pattern.compile("(?m)^( *)- ");

    /**
     * Reads a master to which an include can be added.
     *
     * @param root the folder of the includes that are not relative to the master's folder
     * @throws IOException if it cannot be read, or includes a file that does not exist
     */
    static MasterChangelog read(Path root, Path file) throws IOException {
        MasterChangelog master = new MasterChangelog(file, text(file));
        Optional<String> gone = master.included(1).filter(included ->
                !Files.exists(file.resolveSibling(included)) && !Files.exists(root.resolve(included))).findFirst();
        if (gone.isPresent()) {
            throw new IOException("%s includes %s, which does not exist: restore the file, or remove the include. "
                    .formatted(file, gone.get()) + "Nothing has been written.");
        }
        return master;
    }

    /**
     * Returns the text of a changelog file.
     *
     * @throws IOException with the reason for people if it cannot be read, or is not UTF-8
     */
    static String text(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new IOException("%s is not UTF-8. Nothing has been written.".formatted(file), e);
        } catch (IOException e) {
            throw new IOException("%s cannot be read. Nothing has been written.".formatted(file), e);
        }
    }

    /** The folders of its includes. */
    Set<String> folders() {
        return included(2).collect(Collectors.toSet());
    }

    /** Another master that includes from this folder, if this one does not. */
    Optional<Path> ownerOf(String folder) throws IOException {
        if (folders().contains(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> beside = Files.list(file.resolveSibling(""))) {
            List<Path> others = beside.filter(other -> other.toString().endsWith("master.yaml")).sorted().toList();
            for (Path other : others) {
                if (new MasterChangelog(other, text(other)).folders().contains(folder)) {
                    return Optional.of(other);
                }
            }
        }
        return Optional.empty();
    }

    /** The text with an include at the end, indented like the others. */
    String with(FeatureScaffold.Begun feature) {
        Matcher item = ITEM.matcher(text);
        String line = "%s- include: {file: %s/%s.yaml, relativeToChangelogFile: true, labels: %2$s}\n"
                .formatted(item.find() ? item.group(1) : "  ", feature.branch(), feature.name());
        String all = text + (text.isEmpty() || text.endsWith("\n") ? "" : "\n") + line;
        return text.contains("\r\n") ? all.replaceAll("\r?\n", "\r\n") : all;
    }

    /** Returns whether it includes the file. */
    boolean includes(Path path) {
        return included(1).anyMatch(included -> path.endsWith(included));
    }

    private Stream<String> included(int group) {
        return INCLUDED.matcher(text.replaceAll("(?m)^ *#.*", "")).results().map(include -> include.group(group));
    }
}
