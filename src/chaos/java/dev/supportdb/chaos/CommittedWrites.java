package dev.supportdb.chaos;

import dev.supportdb.domain.ApplicationStatements;
import dev.supportdb.domain.ConcurrentWriters;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The rows that the clients of a database know: everything in the old shape at the start, and every cell of it whose
 * commit was confirmed, as written in the new shape by {@link ApplicationStatements#OF_BOTH_SHAPES}.
 */
final class CommittedWrites implements ConcurrentWriters.Reader {

    private static final List<String> TABLES = List.of("users", "customers", "tickets", "ticket_comments");

    private static final Map<String, String> OLD_STATUSES = Map.of("OPEN", "open", "IN_PROGRESS", "in_progress",
            "WAITING_ON_CUSTOMER", "pending", "RESOLVED", "resolved", "CLOSED", "closed");

    private record Row(String table, long id) {}

    /**
     * @param value   in the words of the new shape; may be null
     * @param at      when whoever wrote it had the lock of the row
     * @param changed whether anybody has written another value than the one to begin with
     */
    private record Written(String value, Instant at, boolean changed) {

        static Written later(Written one, Written other) {
            Written last = one.at.isAfter(other.at) ? one : other;
            return new Written(last.value, last.at, one.changed || other.changed);
        }
    }

    private final Map<Row, Map<String, String>> start;
    private final Map<String, Set<String>> columns = new HashMap<>();
    private final Map<Row, Map<String, Written>> written = new ConcurrentHashMap<>();
    private final Set<Row> removed = ConcurrentHashMap.newKeySet();

    /** @param database in the old shape */
    CommittedWrites(TestDatabase database) throws SQLException {
        start = rows(database);
        start.forEach((row, cells) -> columns.put(row.table, Set.copyOf(cells.keySet())));
    }

    @Override
    public void read(ResultSet cells) throws SQLException {
        while (cells.next()) {
            Row row = new Row(cells.getString(1), cells.getLong(2));
            if (cells.getString(3) == null) {
                removed.add(row);
            } else {
                Instant at = cells.getObject(5, OffsetDateTime.class).toInstant();
                write(row, cells.getString(3), cells.getString(4), at);
            }
        }
    }

    private void write(Row row, String column, String value, Instant at) {
        if (columns.get(row.table).contains(column)) {
            boolean changed = !start.containsKey(row)
                    || !Objects.equals(value, mapped(row, column, start.get(row).get(column)));
            written.computeIfAbsent(row, any -> new ConcurrentHashMap<>())
                    .merge(column, new Written(value, at, changed), Written::later);
        }
    }

    /** Enters what nobody has written. */
    void forge() {
        Row row = start.keySet().stream().filter(ticket -> ticket.table.equals("tickets") && !removed.contains(ticket))
                .findAny().orElseThrow();
        write(row, "subject", "never written", Instant.MAX);
    }

    /** Returns the differences between the committed writes and a database that is back in the old shape. */
    List<String> differences(TestDatabase database) throws SQLException {
        Map<Row, Map<String, String>> expected = expected();
        Map<Row, Map<String, String>> found = rows(database);
        List<String> differences = new ArrayList<>();
        expected.forEach((row, cells) -> {
            if (!found.containsKey(row)) {
                differences.add("%s is gone: %s".formatted(row, cells));
                return;
            }
            cells.forEach((column, value) -> {
                String other = found.get(row).get(column);
                if (!Objects.equals(value, other)) {
                    differences.add("%s.%s is '%s' and was committed as '%s'".formatted(row, column, other, value));
                }
            });
        });
        Set<Row> strangers = new HashSet<>(found.keySet());
        strangers.removeAll(expected.keySet());
        strangers.forEach(row -> differences.add(row + " was never committed, or removed"));
        return differences;
    }

    /** Returns the expected rows. With a ticket its comments are removed, whoever wrote to them since. */
    private Map<Row, Map<String, String>> expected() {
        Map<Row, Map<String, String>> expected = new HashMap<>();
        start.forEach((row, cells) -> expected.put(row, new HashMap<>(cells)));
        written.forEach((row, cells) -> cells.forEach((column, cell) -> expected
                .computeIfAbsent(row, any -> new HashMap<>()).put(column, inOldShape(row, column, cell))));
        expected.keySet().removeAll(removed);
        expected.entrySet().removeIf(comment -> comment.getKey().table.equals("ticket_comments")
                && removed.contains(new Row("tickets", Long.parseLong(comment.getValue().get("ticket_id")))));
        return expected;
    }

    /** A value that has only ever been written again is the one to begin with; what has been changed is new. */
    private String inOldShape(Row row, String column, Written cell) {
        return !cell.changed ? start.get(row).get(column)
                : isStatus(row, column) ? OLD_STATUSES.get(cell.value) : cell.value;
    }

    /** Maps a value as documented in 005 and 006. */
    private static String mapped(Row row, String column, String old) {
        if (isStatus(row, column)) {
            return OLD_STATUSES.containsKey(old) ? old : switch (old) {
                case "in_progress", "working" -> "IN_PROGRESS";
                case "pending", "waiting", "customer_reply" -> "WAITING_ON_CUSTOMER";
                case "resolved", "fixed" -> "RESOLVED";
                case "closed", "done" -> "CLOSED";
                default -> "OPEN";
            };
        }
        boolean priority = row.table.equals("tickets") && column.equals("priority");
        return priority && !Set.of("low", "high", "urgent").contains(old) ? "normal" : old;
    }

    private static boolean isStatus(Row row, String column) {
        return row.table.equals("tickets") && column.equals("status");
    }

    private static Map<Row, Map<String, String>> rows(TestDatabase database) throws SQLException {
        Map<Row, Map<String, String>> rows = new HashMap<>();
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                try (ResultSet cells = statement.executeQuery("""
                        select id, cell.key, cell.value from %s t cross join jsonb_each_text(to_jsonb(t)) cell
                        """.formatted(table))) {
                    while (cells.next()) {
                        rows.computeIfAbsent(new Row(table, cells.getLong(1)), any -> new HashMap<>())
                                .put(cells.getString(2), cells.getString(3));
                    }
                }
            }
        }
        return rows;
    }
}
