package dev.supportdb.objects;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Triggers of other people that fire for each row of a backfill. */
public final class FillTriggers {

    /**
     * Selects the enabled row triggers on update, with their columns and with their condition that skips a backfill.
     */
    private static final String TRIGGERS = """
            select t.tgname, t.tgtype & 2 > 0 as is_before,
                coalesce((select array_agg(attname::text) from pg_attribute
                          where attrelid = t.tgrelid and attnum = any (t.tgattr)), '{}') as columns,
                case when t.tgconstraint = 0 then regexp_replace(
                    case when pg_get_triggerdef(t.oid) like '% WHEN (%'
                      then regexp_replace(pg_get_triggerdef(t.oid), ' WHEN \\((.*)\\) EXECUTE ',
                        ' WHEN (\\1 and SPARED) EXECUTE ')
                      else replace(pg_get_triggerdef(t.oid), ' EXECUTE ', ' WHEN (SPARED) EXECUTE ') end,
                    '^CREATE TRIGGER', 'create or replace trigger') || ';' || case when t.tgenabled = 'A' then
                        format(E'\nalter table %s enable always trigger %I;', t.tgrelid::regclass, t.tgname)
                        else '' end end as spared
            from pg_trigger t
            where t.tgrelid = to_regclass(?) and not t.tgisinternal and t.tgenabled in ('O', 'A')
              and t.tgtype & 1 > 0 and t.tgtype & 16 > 0 and pg_get_triggerdef(t.oid) not like '%supportdb.backfill%'
            order by 1
            """;

    private static final String SPARED = "coalesce(current_setting('supportdb.backfill', true), '') = ''";

    private FillTriggers() {
    }

    /**
     * Returns a paragraph for each, with the statement that keeps it from firing for the backfill, if there is one.
     *
     * @param statement the backfill's statement for the rows
     */
    public static List<String> firing(Connection connection, OwnObjects own, String table, String statement)
            throws SQLException {
        List<String> firing = new ArrayList<>();
        Sql.rows(connection, TRIGGERS, row -> {
            String name = row.getString("tgname");
            String[] columns = (String[]) row.getArray("columns").getArray();
            String spared = row.getString("spared");
            if (!own.have(new ObjectName("trigger", table, name)) && writes(statement, columns)) {
                firing.add("Trigger %s on %s fires for each row that a backfill writes%s%s".formatted(name, table,
                        row.getBoolean("is_before") ? ", and no rollback restores what it changes" : "",
                        spared == null ? "."
                                : ". To skip it during backfills:\n" + spared.replace("SPARED", SPARED)));
            }
            return name;
        }, table);
        return firing;
    }

    private static boolean writes(String statement, String[] columns) {
        if (columns.length == 0) {
            return true;
        }
        for (String column : columns) {
            if (Pattern.compile("\\b" + Pattern.quote(column) + "\\b").matcher(statement).find()) {
                return true;
            }
        }
        return false;
    }
}
