package dev.supportdb.changelog.lint;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * A YAML file of the changelog.
 *
 * @param path  from the project's root, with slashes
 * @param lines as they stand there
 * @param root  what YAML makes of it
 */
record Source(String path, List<String> lines, Element root) {

    /** @throws IOException when it cannot be read, or is no YAML */
    static Source read(Path project, String path) throws IOException {
        return of(path, Files.readString(project.resolve(path)));
    }

    static Source of(String path, String text) throws IOException {
        try {
            Node node = new Yaml(new LoaderOptions()).compose(new StringReader(text));
            if (node == null) {
                throw new IOException(path + " is empty");
            }
            return new Source(path, text.lines().toList(), Element.root(node));
        } catch (YAMLException e) {
            throw new IOException(path + " is no YAML: " + e.getMessage(), e);
        }
    }

    /** What stands under {@code databaseChangeLog} by this name. */
    List<Element> items(String key) {
        return items().filter(item -> item.key().equals(key)).toList();
    }

    Stream<Element> items() {
        return root.child("databaseChangeLog").stream().flatMap(log -> log.children().stream());
    }
}
