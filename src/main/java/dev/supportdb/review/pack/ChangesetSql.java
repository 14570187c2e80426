package dev.supportdb.review.pack;

import dev.supportdb.postgres.SynchronousStandbys;
import dev.supportdb.run.OfflineSql;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.changelog.ChangeSet;
import liquibase.exception.CommandExecutionException;

/**
 * The SQL of changesets, forward and back, by the names that Liquibase writes: with the statements of transactions,
 * without the rows of the history and the settings of the run.
 */
public record ChangesetSql(Map<String, String> forward, Map<String, String> back) {

    private static final Pattern BEGINS = Pattern.compile("-- (?:Changeset|Rolling Back ChangeSet:) (\\S.*)");
    private static final Pattern OF_THE_RUN = Pattern.compile(
            "(INSERT INTO|DELETE FROM|UPDATE) (public\\.)?databasechangelog .*;|set lock_timeout = '(3s|10min)';");

    /** Matches a transaction that contained only that row. */
    private static final Pattern EMPTY = Pattern.compile("(?m)^begin;\\s*^commit;$");

    public ChangesetSql {
        forward = Map.copyOf(forward);
        back = Map.copyOf(back);
    }

    /**
     * Writes the SQL without a database.
     *
     * @param there  the changesets that have run before
     * @param pending the changesets to review
     */
    public static ChangesetSql of(OfflineSql offline, List<ChangeSet> there, List<ChangeSet> pending)
            throws IOException, CommandExecutionException {
        List<ChangeSet> all = new ArrayList<>(there);
        all.addAll(pending);
        return new ChangesetSql(parts(offline.update(pending, there)), parts(offline.rollback(pending, all)));
    }

    private static Map<String, String> parts(String script) {
        Map<String, StringBuilder> parts = new HashMap<>();
        StringBuilder part = new StringBuilder();
        boolean begun = false;
        for (String line : script.replace(SynchronousStandbys.CONFIRM + ";\n", "").lines().toList()) {
            Matcher begins = BEGINS.matcher(line);
            if (begun && line.startsWith("-- ")) {
                // The comment of the changeset is on the page already.
                begun = false;
                continue;
            }
            begun = begins.matches();
            if (begun) {
                part = parts.computeIfAbsent(begins.group(1), name -> new StringBuilder());
            } else if (!OF_THE_RUN.matcher(line).matches()) {
                part.append(line).append('\n');
            }
        }
        Map<String, String> texts = new HashMap<>();
        parts.forEach((name, text) -> texts.put(name,
                EMPTY.matcher(text).replaceAll("").replaceAll("\n{3,}", "\n\n").strip()));
        return texts;
    }
}
