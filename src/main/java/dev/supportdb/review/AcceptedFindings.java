package dev.supportdb.review;

import dev.supportdb.changelog.Allowance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import liquibase.change.core.RawSQLChange;
import liquibase.changelog.ChangeSet;
import liquibase.resource.ResourceAccessor;

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
        List<String> lines;
        try (InputStream file = files.getExisting(changeSet.getChangeLog().getPhysicalFilePath()).openInputStream()) {
            lines = new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
        Pattern id = Pattern.compile("\\s*(-\\s*)?id:\\s*[\"']?" + Pattern.quote(changeSet.getId())
                + "[\"']?\\s*(#.*)?");
        Map<String, String> reasons = inSql(changeSet);
        for (Allowance allowed : Allowance.in(lines, "trace")) {
            // The item is the changeset itself, or a part of it: then the id is between the changeset and the item.
            int from = allowed.from();
            while (from > 1 && !lines.get(from - 1).matches("\\s*-\\s*changeSet:.*")) {
                from--;
            }
            boolean mine = lines.subList(from - 1, allowed.to()).stream().anyMatch(id.asMatchPredicate());
            if (mine && allowed.what() != null && !allowed.reason().isEmpty()) {
                reasons.put(allowed.what(), allowed.reason());
            }
        }
        return reasons;
    }

    private static Map<String, String> inSql(ChangeSet changeSet) {
        Map<String, String> reasons = new HashMap<>();
        changeSet.getChanges().stream().filter(RawSQLChange.class::isInstance).forEach(change ->
                IN_SQL.matcher(((RawSQLChange) change).getSql()).results()
                        .forEach(allowed -> reasons.put(allowed.group(1), allowed.group(2).strip())));
        return reasons;
    }
}
