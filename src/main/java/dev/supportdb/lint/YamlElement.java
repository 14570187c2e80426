package dev.supportdb.lint;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * An element of a YAML file with its line.
 *
 * @param key   its name; empty for an item of a list
 * @param line  counted from 1
 * @param value the value of the key
 */
record YamlElement(String key, int line, Node value) {

    static YamlElement root(Node node) {
        return new YamlElement("", 1, node);
    }

    /** The place of a finding about a whole file. */
    static YamlElement nowhere() {
        return new YamlElement("", 1, null);
    }

    /** The keys of a map, or of all maps of a list, such as {@code changes} and {@code columns}. */
    List<YamlElement> children() {
        if (value instanceof SequenceNode list) {
            return list.getValue().stream().flatMap(item -> item instanceof MappingNode map
                    ? entries(map) : Stream.of(new YamlElement("", lineOf(item), item))).toList();
        }
        return value instanceof MappingNode map ? entries(map).toList() : List.of();
    }

    private static Stream<YamlElement> entries(MappingNode map) {
        return map.getValue().stream().map(YamlElement::of);
    }

    private static YamlElement of(NodeTuple entry) {
        String key = entry.getKeyNode() instanceof ScalarNode name ? name.getValue() : "";
        return new YamlElement(key, lineOf(entry.getKeyNode()), entry.getValueNode());
    }

    private static int lineOf(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    /** The keys that occur twice in one map. */
    List<YamlElement> repeated() {
        List<Node> maps = value instanceof SequenceNode list ? list.getValue() : Stream.ofNullable(value).toList();
        return maps.stream().filter(MappingNode.class::isInstance).flatMap(map -> {
            Set<String> keys = new HashSet<>();
            return entries((MappingNode) map).filter(entry -> !keys.add(entry.key));
        }).toList();
    }

    Optional<YamlElement> child(String name) {
        return children().stream().filter(child -> child.key.equals(name)).findFirst();
    }

    /** The text of a child; empty if it is missing or not a text. */
    String text(String name) {
        return child(name).map(YamlElement::text).orElse("");
    }

    String text() {
        return value instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    /** Returns whether the other element has the same content, wherever it is. */
    boolean isSame(YamlElement other) {
        List<YamlElement> children = children();
        List<YamlElement> others = other.children();
        return key.equals(other.key) && text().equals(other.text()) && children.size() == others.size()
                && IntStream.range(0, children.size()).allMatch(i -> children.get(i).isSame(others.get(i)));
    }

    boolean isText() {
        return value instanceof ScalarNode scalar && !scalar.getValue().isBlank();
    }

    boolean isList() {
        return value instanceof SequenceNode;
    }

    boolean isMap() {
        return value instanceof MappingNode;
    }

    /** Returns whether it is unquoted text, whose type YAML decides. */
    boolean isPlain() {
        return value instanceof ScalarNode scalar && scalar.getScalarStyle() == ScalarStyle.PLAIN;
    }

    /** This element and all below it. */
    Stream<YamlElement> all() {
        return Stream.concat(Stream.of(this), children().stream().flatMap(YamlElement::all));
    }
}
