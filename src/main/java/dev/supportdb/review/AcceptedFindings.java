package dev.supportdb.review;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.changelog.ChangeSet;
import liquibase.resource.ResourceAccessor;

/**
 * The findings that a changelog accepts: {@code # trace: allow blocking: <reason>} above a changeset or in it. One
 * without a reason accepts nothing.
 */
final class AcceptedFindings {

    private static final Pattern CHANGESET = Pattern.compile("\\s*-\\s*changeSet:.*");
    private static final Pattern COMMENT = Pattern.compile("\\s*(#.*)?");
    private static final Pattern ALLOWED = Pattern.compile("\\s*#\\s*trace:\\s*allow\\s+([\\w-]+)\\s*:\\s*(\\S.*)");

    private AcceptedFindings() {
    }

    /**
     * The reasons by the word of the judgement.
     *
     * @param files where Liquibase finds the file of the changeset
     */
    static Map<String, String> of(ChangeSet changeSet, ResourceAccessor files) throws IOException {
        List<String> lines;
        try (InputStream file = files.getExisting(changeSet.getChangeLog().getPhysicalFilePath()).openInputStream()) {
            lines = new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
        Map<String, String> reasons = new HashMap<>();
        for (String line : block(lines, changeSet.getId())) {
            Matcher allowed = ALLOWED.matcher(line);
            if (allowed.matches()) {
                reasons.put(allowed.group(1), allowed.group(2).strip());
            }
        }
        return reasons;
    }

    private static List<String> block(List<String> lines, String id) {
        Pattern named = Pattern.compile("\\s*(-\\s*)?id:\\s*[\"']?" + Pattern.quote(id) + "[\"']?\\s*(#.*)?");
        int at = 0;
        while (at < lines.size() && !named.matcher(lines.get(at)).matches()) {
            at++;
        }
        if (at == lines.size()) {
            return List.of();
        }
        int from = at;
        while (from > 0 && !CHANGESET.matcher(lines.get(from)).matches()) {
            from--;
        }
        int to = at;
        while (to < lines.size() && !CHANGESET.matcher(lines.get(to)).matches()) {
            to++;
        }
        // Comments above a changeset are about it.
        return lines.subList(aboveComments(lines, from), to == lines.size() ? to : aboveComments(lines, to));
    }

    private static int aboveComments(List<String> lines, int changeSet) {
        int at = changeSet;
        while (at > 0 && COMMENT.matcher(lines.get(at - 1)).matches()) {
            at--;
        }
        return at;
    }
}
