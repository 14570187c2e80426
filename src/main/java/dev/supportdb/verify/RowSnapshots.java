package dev.supportdb.verify;

import dev.supportdb.postgres.Sql;
import dev.supportdb.schema.DataDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Copies of the rows of a few states of a database, which show which rows and columns differ, where digests only show
 * that some do. The copies are text in temporary tables of one session, so they block nothing.
 */
final class RowSnapshots {

    private static final int SHOWN = 5;

    /** A row as a JSON object of texts, whatever the types of its columns. */
    private static final String ROWS = "select to_jsonb(t) as content from (select %s from only %s) t";

    private static final String COLUMNS = """
            select string_agg(format('%1$I::text as %1$I', attname), ', ' order by attname)
            from pg_attribute where attrelid = ?::regclass and attnum > 0 and not attisdropped
            """;

    /** Selects the primary key. Without one, the whole row is the key. */
    private static final String KEY = """
            select coalesce('jsonb_build_object('
                || string_agg(format('%1$L, content -> %1$L', attname), ', ' order by attnum) || ')', 'content')
            from pg_index join pg_attribute on attrelid = indrelid and attnum = any (indkey)
            where indrelid = ?::regclass and indisprimary
            """;

    private static final String DIFFERENCE = """
            select case
                when now.content is null then 'gone: ' || left(was.content::text, 200)
                when was.content is null then 'new: ' || left(now.content::text, 200)
                else key::text || ': ' || (
                    select string_agg(format('%%s was %%s, is %%s', name,
                        coalesce(left((was.content -> name)::text, 60), 'not there'),
                        coalesce(left((now.content -> name)::text, 60), 'not there')), '; ' order by name)
                    from jsonb_object_keys(was.content || now.content) name
                    where was.content -> name is distinct from now.content -> name)
                end, count(*) over ()
            from (select content, %1$s as key from pg_temp.%2$s) was
                full join (select content, %1$s as key from (%3$s) rows) now using (key)
            where was.content is distinct from now.content
            order by key
            limit %4$d
            """;

    private final Connection connection;
    private final long most;
    /** The copies, by table and by the digest of its rows. */
    private final Map<String, Map<String, String>> copies = new HashMap<>();
    private int count;

    /** @param most a larger table is not copied: only whether it differs is reported */
    RowSnapshots(Connection connection, long most) {
        this.connection = connection;
        this.most = most;
    }

    /** Keeps the rows of the state before, if they were copied, and of the state now. Drops all other copies. */
    void keep(DataDigest before, DataDigest now) throws SQLException {
        forgetAllBut(List.of(before, now));
        for (Map.Entry<String, DataDigest.Rows> table : now.tables().entrySet()) {
            Map<String, String> ofTable = copies.computeIfAbsent(table.getKey(), name -> new HashMap<>());
            if (table.getValue().count() <= most && !ofTable.containsKey(table.getValue().sha256())) {
                String copy = "rows_" + ++count;
                Sql.execute(connection, "create temporary table %s as %s".formatted(copy, rows(table.getKey())));
                ofTable.put(table.getValue().sha256(), copy);
            }
        }
    }

    private void forgetAllBut(List<DataDigest> states) throws SQLException {
        for (Map.Entry<String, Map<String, String>> table : copies.entrySet()) {
            Set<String> kept = new HashSet<>();
            for (DataDigest state : states) {
                if (state.tables().containsKey(table.getKey())) {
                    kept.add(state.tables().get(table.getKey()).sha256());
                }
            }
            for (String sha256 : Set.copyOf(table.getValue().keySet())) {
                if (!kept.contains(sha256)) {
                    Sql.execute(connection, "drop table pg_temp." + table.getValue().remove(sha256));
                }
            }
        }
    }

    /** The first few changed rows, one a line, as far as both states were copied. */
    String difference(DataDigest before, DataDigest now) throws SQLException {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, DataDigest.Rows> table : before.tables().entrySet()) {
            DataDigest.Rows rows = now.tables().get(table.getKey());
            String copy = copies.getOrDefault(table.getKey(), Map.of()).get(table.getValue().sha256());
            if (copy != null && rows != null && !rows.equals(table.getValue())) {
                lines.add("in " + table.getKey());
                lines.addAll(difference(table.getKey(), copy));
            }
        }
        return String.join("\n", lines);
    }

    private record Line(String text, long all) {}

    private List<String> difference(String table, String copy) throws SQLException {
        String key = Sql.text(connection, KEY, table);
        List<Line> shown = Sql.rows(connection, DIFFERENCE.formatted(key, copy, rows(table), SHOWN),
                row -> new Line(row.getString(1), row.getLong(2)));
        List<String> lines = new ArrayList<>();
        shown.forEach(line -> lines.add("  " + line.text()));
        if (!shown.isEmpty() && shown.get(0).all() > shown.size()) {
            lines.add("  and %d more".formatted(shown.get(0).all() - shown.size()));
        }
        return lines;
    }

    private String rows(String table) throws SQLException {
        return ROWS.formatted(Sql.text(connection, COLUMNS, table), table);
    }
}
