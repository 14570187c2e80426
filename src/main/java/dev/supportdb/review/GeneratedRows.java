package dev.supportdb.review;

import dev.supportdb.postgres.Sql;
import dev.supportdb.schema.DataDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Generates rows for tables without sample data: a value for each column by its type, different in each row, and
 * existing keys for foreign keys. A table whose constraints refuse these rows stays empty.
 */
final class GeneratedRows {

    private static final String EMPTY = """
            select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition
                and format('table %%I.%%I', n.nspname, c.relname) <> all (?)
                and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
                and c.relname <> all (%s)
                and not exists (select from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
            order by c.oid
            """.formatted(DataDigest.RECORDS);

    /** The columns, except those that fill themselves. */
    private static final String COLUMNS = """
            select quote_ident(a.attname) as name, t.typname as type, t.typtype as kind, t.typcategory as category,
                format_type(coalesce(nullif(t.oid, 0), a.atttypid), null) as written,
                greatest(0, coalesce(nullif(a.atttypmod, -1), d.typtypmod) - 4) as modifier,
                (select format(
                    '(array(select %I from %s order by 1))[1 + (n - 1) %% greatest(1, (select count(*) from %2$s))]',
                    r.attname, k.confrelid::regclass)
                 from pg_constraint k join pg_attribute r on r.attrelid = k.confrelid and r.attnum = k.confkey[1]
                 where k.conrelid = a.attrelid and k.contype = 'f' and k.conkey = array[a.attnum] limit 1
                ) as referenced,
                (select string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k
                 where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum]) as checks
            from pg_attribute a
            join pg_type d on d.oid = a.atttypid
            join pg_type t on t.oid = coalesce(nullif(d.typbasetype, 0), d.oid)
            where a.attrelid = ?::regclass and a.attnum > 0 and not a.attisdropped and not a.atthasdef
                and a.attidentity = '' and a.attgenerated = ''
            order by a.attnum
            """;

    private static final Pattern LITERAL = Pattern.compile("'((?:[^']|'')*+)'::");

    private record Column(String name, String type, String kind, String category, String written, int modifier,
            String referenced, String checks) {

        /** The SQL expression for row n; null if the column is left out. */
        String value() {
            if (referenced != null) {
                return referenced;
            }
            List<String> allowed = checks == null ? List.of() : LITERAL.matcher(checks).results()
                    .map(MatchResult::group).map(literal -> literal.substring(0, literal.length() - 2)).distinct()
                    .toList();
            if (kind.equals("e")) {
                return "(enum_range(null::%1$s))[1 + n %% cardinality(enum_range(null::%1$s))]".formatted(written);
            }
            if (category.equals("S")) {
                String text = !allowed.isEmpty()
                        ? "(array[%s])[1 + n %% %d]".formatted(String.join(", ", allowed), allowed.size())
                        : modifier > 0 && modifier < 12 ? "left(md5(n::text), %d)".formatted(modifier)
                        : "'row ' || n";
                return "(%s)::%s".formatted(text, written);
            }
            return switch (type) {
                case "int2" -> "(n % 32000)::int2";
                case "int4", "int8", "float4", "float8" -> "n::" + written;
                // The type modifier contains the precision and the scale: use only the digits before the point.
                case "numeric" -> modifier == 0 ? "n::numeric" : "(n %% %d)::numeric".formatted(
                        (long) Math.pow(10, Math.min(9, (modifier >> 16 & 0xffff) - (modifier & 0x7ff))));
                case "bool" -> "n % 2 = 0";
                case "date" -> "date '2020-01-01' + (n % 2000)::integer";
                case "timestamp", "timestamptz" -> "'2020-01-01'::%s + n * interval '1 minute'".formatted(written);
                case "time" -> "time '00:00' + n * interval '1 second'";
                case "interval" -> "n * interval '1 second'";
                case "uuid" -> "md5(n::text)::uuid";
                case "json", "jsonb" -> "jsonb_build_object('n', n)::" + written;
                case "bytea" -> "convert_to(n::text, 'UTF8')";
                case "inet" -> "'10.0.0.0'::inet + n";
                default -> category.equals("A") ? "'{}'" : null;
            };
        }
    }

    private GeneratedRows() {
    }

    /**
     * Fills each empty table with this many rows. Returns those that stayed empty, with the server's reason.
     *
     * @param spared objects by their names in the fingerprint; tables among them stay unchanged
     */
    static Map<String, String> fill(Connection connection, long rows, Set<String> spared) throws SQLException {
        List<String> empty = new ArrayList<>();
        for (String table : Sql.texts(connection, EMPTY, (Object) spared.toArray(String[]::new))) {
            if (!Sql.exists(connection, "select from %s limit 1".formatted(table))) {
                empty.add(table);
            }
        }
        Map<String, String> refused = new LinkedHashMap<>();
        int before;
        do {
            // A table may refer to a later one, so repeat until no further table can be filled.
            before = empty.size();
            refused.clear();
            for (String table : List.copyOf(empty)) {
                try {
                    Sql.execute(connection, insert(table, columns(connection, table), rows));
                    empty.remove(table);
                } catch (SQLException e) {
                    refused.put(table, e.getMessage().lines().findFirst().orElse(""));
                }
            }
        } while (!empty.isEmpty() && empty.size() < before);
        return refused;
    }

    private static List<Column> columns(Connection connection, String table) throws SQLException {
        return Sql.rows(connection, COLUMNS, row -> new Column(row.getString("name"), row.getString("type"),
                row.getString("kind"), row.getString("category"), row.getString("written"), row.getInt("modifier"),
                row.getString("referenced"), row.getString("checks")), table);
    }

    private static String insert(String table, List<Column> columns, long rows) {
        List<Column> given = columns.stream().filter(column -> column.value() != null).toList();
        if (given.isEmpty()) {
            return "do $$ begin for n in 1..%d loop insert into %s default values; end loop; end $$"
                    .formatted(rows, table);
        }
        return "insert into %s (%s) select %s from generate_series(1, %d) n on conflict do nothing".formatted(table,
                given.stream().map(Column::name).collect(Collectors.joining(", ")),
                given.stream().map(Column::value).collect(Collectors.joining(", ")), rows);
    }
}
