package dev.supportdb.support;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Values by which a test knows the rows of a database again, wherever they come up. */
public final class Canaries {

    /** One canary for each type that has room for it, and the form in which a page shows a number and bytes. */
    public static final List<String> ALL = List.of("canary7f3a", "7707707", "770,770,7", "1907-07-1",
            "deadbeef-0000-4000-8000", "10.77.77.77", "63616e61727937663361");

    /**
     * A statement for each column of each table of people's, in which n is the number of a row. Values of keys may be
     * told; those of an enum, a boolean and a check that lists them are in the schema.
     */
    private static final String STATEMENTS = """
            select case when v.value is null
                then format('do $$ begin raise ''no place in a column of type %s''; end $$', t.typname)
                else format('update %1$s t set %2$I = %3$s
                    from (select ctid as row, row_number() over () as n from %1$s) r where r.row = t.ctid',
                    a.attrelid::regclass, a.attname, v.value) end
            from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace s on s.oid = c.relnamespace
            join pg_type t on t.oid = a.atttypid
            cross join lateral (select case
                when t.typname in ('text', 'varchar', 'bpchar', 'name', 'citext') then
                    format('left(''canary7f3a '' || n, %s)', coalesce(nullif(a.atttypmod, -1) - 4, 99))
                when t.typname in ('int4', 'int8', 'float8', 'numeric') then '770770700 + n'
                when t.typname in ('date', 'timestamp', 'timestamptz') then 'date ''1907-07-10'' + n::integer % 10'
                when t.typname in ('json', 'jsonb') then 'json_build_object(''canary7f3a'', n)::jsonb'
                when t.typname = 'uuid' then 'format(''deadbeef-0000-4000-8000-%s'', lpad(n::text, 12, ''0''))::uuid'
                when t.typname = 'inet' then '''10.77.77.77''::inet'
                when t.typname = 'bytea' then 'convert_to(''canary7f3a'', ''UTF8'')'
                when t.typname in ('_text', '_varchar') then 'array[''canary7f3a '' || n]'
                end as value) v
            where c.relkind = 'r' and s.nspname !~ '^pg_' and s.nspname <> 'information_schema'
                and c.relname not in ('databasechangelog', 'databasechangeloglock', 'backfills', 'backfill_ranges',
                    'old_shapes')
                and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'f')
                    and a.attnum = any(k.conkey))
            """;

    private Canaries() {
    }

    /**
     * Puts one in place of every value, as far as types and checks of the column let it; nothing fires meanwhile.
     *
     * @return why a column has none, in the server's words
     */
    public static List<String> plant(TestDatabase database) throws SQLException {
        List<String> without = new ArrayList<>();
        try (Connection connection = database.connect()) {
            Sql.execute(connection, "set session_replication_role = replica");
            for (String statement : Sql.texts(connection, STATEMENTS)) {
                try {
                    Sql.execute(connection, statement);
                } catch (SQLException refused) {
                    without.add(refused.getMessage());
                }
            }
        }
        return without;
    }
}
