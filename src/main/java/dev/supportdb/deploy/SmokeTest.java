package dev.supportdb.deploy;

import dev.supportdb.postgres.Sql;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The team's own test of a migrated database: a script in a transaction that is rolled back. A SQL error fails the
 * test. A comment in the script names critical tables, which must exist and must not have lost many rows.
 */
final class SmokeTest {

    private static final Pattern CRITICAL = Pattern.compile("(?m)^-- critical tables: *(.+)$");

    private static final String FAILED = "The smoke test failed";

    /** The share of rows that must remain: applications may delete some meanwhile, but not many. */
    private static final double KEPT = 0.9;

    private final TargetDatabase target;
    private final String script;
    private final Map<String, Long> rows = new LinkedHashMap<>();

    /** Counts the rows of the critical tables. Without a script there is nothing to test. */
    SmokeTest(TargetDatabase target, Path file) throws IOException, SQLException {
        this.target = target;
        script = Files.isRegularFile(file) ? Files.readString(file) : "";
        try (Connection connection = Backup.connect(target)) {
            for (String table : critical()) {
                if (isThere(connection, table)) {
                    rows.put(table, count(connection, table));
                }
            }
        }
    }

    private List<String> critical() {
        Matcher named = CRITICAL.matcher(script);
        return named.find() ? Stream.of(named.group(1).split(",")).map(String::strip).toList() : List.of();
    }

    private static boolean isThere(Connection connection, String table) throws SQLException {
        return Sql.isTrue(connection, "select to_regclass(?) is not null", "public." + table);
    }

    private static long count(Connection connection, String table) throws SQLException {
        return Sql.number(connection, "select count(*) from public." + table);
    }

    /** The failures of a verification without the server's messages, which may contain values. */
    static List<String> withoutValues(List<String> wrong) {
        return wrong.stream().map(line -> line.startsWith(FAILED)
                ? FAILED + "; the server's message is in the log" : line).toList();
    }

    /** Runs the test. Throws an {@link IOException} with the failure. */
    void run() throws IOException {
        try (Connection connection = Backup.connect(target)) {
            for (String table : critical()) {
                if (!isThere(connection, table)) {
                    throw new IOException("The critical table %s does not exist".formatted(table));
                }
                long now = count(connection, table);
                if (now < rows.getOrDefault(table, 0L) * KEPT) {
                    throw new IOException(String.format(Locale.ROOT, "The critical table %s had %,d rows and has %,d",
                            table, rows.get(table), now));
                }
            }
            connection.setAutoCommit(false);
            Sql.execute(connection, "set local lock_timeout = '3s'; set local search_path = public");
            Sql.execute(connection, script);
            connection.rollback();
        } catch (SQLException e) {
            throw new IOException(FAILED + ": " + e.getMessage(), e);
        }
    }
}
