package dev.supportdb.review;

import dev.supportdb.changelog.Allowance;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import liquibase.change.core.RawSQLChange;
import liquibase.changelog.ChangeSet;
import liquibase.resource.ResourceAccessor;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The findings that a changelog accepts: {@code # trace: allow blocking: <reason>} above a changeset or an item in it,
 * in SQL {@code -- trace: allow blocking: <reason>} on a line of its own. A comment without a reason accepts nothing.
 */
final class AcceptedFindings {

    private static final Pattern IN_SQL =
            Pattern.compile("(?m)^\\s*--\\s*trace:\\s*allow\\s+([\\w-]+)\\s*:\\s*(\\S.*)$");

    private AcceptedFindings() {
    }

    /**
     * Returns the reasons by judgement.
     *
     * @param files where Liquibase finds the file of the changeset
     */
    static Map<String, String> of(ChangeSet changeSet, ResourceAccessor files) throws IOException {
        String text;
        try (InputStream file = files.getExisting(changeSet.getChangeLog().getPhysicalFilePath()).openInputStream()) {
            text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
        Map<String, String> reasons = inSql(changeSet);
        List<Allowance> allowances = Allowance.in(text.lines().toList(), "trace").stream()
                .filter(allowed -> allowed.what() != null && !allowed.reason().isEmpty()).toList();
        if (!allowances.isEmpty()) {
            List<Node> items = value(new Yaml().compose(new StringReader(text)), "databaseChangeLog")
                    .filter(SequenceNode.class::isInstance).map(list -> ((SequenceNode) list).getValue())
                    .orElse(List.of());
            // The item below the comment is the changeset itself, or a part of it.
            allowances.stream().filter(allowed -> items.stream()
                            .takeWhile(item -> item.getStartMark().getLine() < allowed.from())
                            .reduce((first, second) -> second).filter(item -> isIn(item, changeSet)).isPresent())
                    .forEach(allowed -> reasons.put(allowed.what(), allowed.reason()));
        }
        return reasons;
    }

    private static boolean isIn(Node item, ChangeSet changeSet) {
        Optional<Node> written = value(item, "changeSet");
        return isText(written.flatMap(keys -> value(keys, "id")), changeSet.getId())
                && isText(written.flatMap(keys -> value(keys, "author")), changeSet.getAuthor());
    }

    private static boolean isText(Optional<Node> node, String text) {
        return node.filter(value -> value instanceof ScalarNode scalar && scalar.getValue().equals(text)).isPresent();
    }

    private static Optional<Node> value(Node node, String key) {
        return node instanceof MappingNode map ? map.getValue().stream()
                .filter(entry -> isText(Optional.of(entry.getKeyNode()), key)).map(NodeTuple::getValueNode).findFirst()
                : Optional.empty();
    }

    private static Map<String, String> inSql(ChangeSet changeSet) {
        Map<String, String> reasons = new HashMap<>();
        changeSet.getChanges().stream().filter(RawSQLChange.class::isInstance).forEach(change ->
                IN_SQL.matcher(((RawSQLChange) change).getSql()).results()
                        .forEach(allowed -> reasons.put(allowed.group(1), allowed.group(2).strip())));
        return reasons;
    }
}
