package dev.supportdb.review;

import dev.supportdb.postgres.SqlLexer;
import dev.supportdb.postgres.SqlScript;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.Yaml;

/** The SQL of another migration tool, as changesets: one for each of its transactions. */
public final class PlainSql {

    private static final Pattern BEGINS = Pattern.compile("(?is)(begin|start\\s+transaction)\\b.*");
    private static final Pattern COMMITS = Pattern.compile("(?i)(commit|end)(\\s+(work|transaction))?\\s*");
    private static final Pattern ROLLS_BACK = Pattern.compile("(?i)(rollback|abort)(\\s+(work|transaction))?\\s*");

    /** Matches a lock timeout in the SQL, which is left out because the measurement sets its own. */
    private static final Pattern LOCK_TIMEOUT =
            Pattern.compile("(?is)set\\s+(local\\s+|session\\s+)?lock_timeout\\b.*");

    /** Matches the comments with which tools name their steps, such as Alembic's "Running upgrade a -> b". */
    private static final Pattern COMMENT = Pattern.compile("(?m)^--+\\s*(?!trace:)(\\S.*)$");
    private static final int LONGEST_ID = 50;

    /**
     * A transaction, or a statement outside one.
     *
     * @param why the comments in it; empty if there are none
     * @param sql the text of the script, with the statements that begin and end the transaction
     */
    public record Step(String id, String why, boolean inTransaction, List<String> statements, String sql) {}

    private final List<Step> steps = new ArrayList<>();
    private boolean hasLockTimeout;

    /** The statements of the open transaction; null outside one. */
    private List<String> open;

    private PlainSql() {
    }

    /**
     * Reads a script.
     *
     * @throws IllegalArgumentException if it cannot be run, with the reason
     */
    public static PlainSql of(BufferedReader script) throws IOException {
        PlainSql plain = new PlainSql();
        try {
            SqlScript.read(script, new SqlScript.Handler() {
                @Override
                public void statement(String sql) {
                    plain.add(sql);
                }

                @Override
                public void copy(String sql, SqlScript.Rows rows) {
                    throw new IllegalArgumentException("The SQL has a COPY with rows in it. "
                            + "Only statements can be reviewed.");
                }
            });
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        if (plain.open != null) {
            throw new IllegalArgumentException("The SQL begins a transaction that it does not end: there is no "
                    + "commit.");
        }
        if (plain.steps.isEmpty()) {
            throw new IllegalArgumentException("There is no SQL to review.");
        }
        return plain;
    }

    private void add(String sql) {
        String bare = SqlLexer.fromFirstWord(sql);
        // As on the server: a second "begin", or an end outside a transaction, changes nothing.
        if (BEGINS.matcher(bare).matches()) {
            open = open == null ? new ArrayList<>() : open;
        } else if (COMMITS.matcher(bare).matches()) {
            if (open != null && !open.isEmpty()) {
                step(open, true);
            }
            open = null;
        } else if (ROLLS_BACK.matcher(bare).matches()) {
            open = null;
        } else if (LOCK_TIMEOUT.matcher(bare).matches()) {
            hasLockTimeout = true;
        } else if (open != null) {
            open.add(sql);
        } else {
            step(List.of(sql), false);
        }
    }

    private void step(List<String> statements, boolean inTransaction) {
        String text = String.join(";\n\n", statements) + ";";
        List<String> comments = COMMENT.matcher(text).results().map(found -> found.group(1).strip()).toList();
        String first = SqlLexer.fromFirstWord(statements.get(0)).replaceAll("\\s+", " ");
        String name = (comments.isEmpty() ? first : comments.get(0))
                .replaceAll("[^\\w.]+", "_").replaceAll("^_|_$", "");
        steps.add(new Step("%02d-%s".formatted(steps.size() + 1,
                name.length() > LONGEST_ID ? name.substring(0, LONGEST_ID) : name), String.join("; ", comments),
                inTransaction, List.copyOf(statements), inTransaction ? "begin;\n\n" + text + "\n\ncommit;" : text));
    }

    public List<Step> steps() {
        return List.copyOf(steps);
    }

    /** Returns whether the SQL sets a lock timeout. */
    public boolean hasLockTimeout() {
        return hasLockTimeout;
    }

    /** Writes the changelog that the measurement runs. */
    public void writeTo(Path changelog) throws IOException {
        List<Object> items = new ArrayList<>();
        for (Step step : steps) {
            Map<String, Object> changeSet = new LinkedHashMap<>();
            changeSet.put("id", step.id());
            changeSet.put("author", "sql");
            changeSet.put("runInTransaction", step.inTransaction());
            changeSet.put("comment", step.why());
            changeSet.put("changes", step.statements().stream().map(sql -> Map.of("sql",
                    Map.of("splitStatements", false, "stripComments", false, "sql", sql))).toList());
            changeSet.put("rollback", List.of());
            items.add(Map.of("changeSet", changeSet));
        }
        Files.writeString(changelog, new Yaml().dump(Map.of("databaseChangeLog", items)));
    }
}
