package dev.supportdb.lint;

import dev.supportdb.changelog.MergeConflict;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * A YAML file of the changelog.
 *
 * @param path  from the project's root, with slashes
 * @param lines the text
 * @param root  the parsed YAML
 * @param fault the syntax error; empty if there is none
 */
record ChangelogFile(String path, List<String> lines, YamlElement root, Optional<Fault> fault) {

    private static final String NOTHING = "databaseChangeLog:\n  - logicalFilePath: %s\n";

    /**
     * A syntax error in a YAML file.
     *
     * @param instead the correction
     */
    record Fault(YamlElement at, String message, String instead) {
    }

    ChangelogFile(String path, List<String> lines, YamlElement root) {
        this(path, lines, root, Optional.empty());
    }

    /** @throws IOException if the file cannot be read */
    static ChangelogFile read(Path project, String path) throws IOException {
        try {
            return of(path, Files.readString(project.resolve(path)));
        } catch (CharacterCodingException e) {
            return faulty(path, List.of(), 1, "it is not written in UTF-8", "# the same in UTF-8");
        }
    }

    private static ChangelogFile faulty(String path, List<String> lines, int line, String message, String instead) {
        return new ChangelogFile(path, lines, YamlElement.nowhere(),
                Optional.of(new Fault(new YamlElement("", line, null), message, instead)));
    }

    static ChangelogFile of(String path, String text) {
        List<String> lines = text.lines().toList();
        OptionalInt conflict = MergeConflict.line(text);
        if (conflict.isPresent()) {
            return faulty(path, lines, conflict.getAsInt(), "it has a merge conflict", "# " + MergeConflict.WAY);
        }
        try {
            Node node = new Yaml(new LoaderOptions()).compose(new StringReader(text));
            return node == null ? faulty(path, lines, 1, "it is empty", NOTHING.formatted(path))
                    : new ChangelogFile(path, lines, YamlElement.root(node));
        } catch (MarkedYAMLException e) {
            // If something is not closed, the mistake is where it starts.
            boolean endless = e.getProblem().contains("end of stream") && e.getContextMark() != null;
            int line = (endless ? e.getContextMark() : e.getProblemMark()).getLine() + 1;
            String message = Stream.of(e.getContext(), e.getProblem()).filter(Objects::nonNull)
                    .collect(Collectors.joining(", ")).replaceFirst("character .{1,3}\\(TAB\\).?", "a tab")
                    .replaceFirst("[.] \\(.*", "");
            return faulty(path, lines, line, message, instead(lines, line));
        } catch (YAMLException e) {
            return faulty(path, lines, 1, String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    "# the same without the unprintable character");
        }
    }

    /** The most frequent correction. */
    private static String instead(List<String> lines, int line) {
        String written = line <= lines.size() ? lines.get(line - 1) : "";
        return written.contains("\t") ? written.replace("\t", "  ")
                : "# close the quote or bracket, or indent all items of the list alike\n" + written;
    }

    /** The items under {@code databaseChangeLog} with this key. */
    List<YamlElement> items(String key) {
        return items().filter(item -> item.key().equals(key)).toList();
    }

    Stream<YamlElement> items() {
        return root.child("databaseChangeLog").stream().flatMap(log -> log.children().stream());
    }
}
