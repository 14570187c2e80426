package dev.supportdb.objects;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Tables that cannot be updated, because they are in a publication and have no replica identity by which to find a row.
 */
public final class ReplicaIdentities {

    /**
     * SQLSTATEs of the failures: a column list or row filter lacks a column of the replica identity; there is no
     * identity.
     */
    private static final Set<String> NOT_SENT = Set.of("42P10", "55000");

    /** Selects an EXPLAIN of an update, which checks every partition as an execution would, and writes nothing. */
    private static final String UPDATE = """
            select format('explain update %s set %I = %2$I', attrelid::regclass, attname) from pg_attribute
            where attrelid = to_regclass(?) and attnum > 0 and not attisdropped and attgenerated = ''
              and attidentity <> 'a'
            order by attnum limit 1
            """;

    /**
     * Selects paragraphs of statements, each of which allows updates: another replica identity, and no publication that
     * keeps the table from being updated. A publication that names no table keeps its tables.
     */
    private static final String REMEDIES = """
            with recursive tree as (
                select to_regclass(?)::oid as oid
                union all
                select inhrelid from pg_inherits join tree on inhparent = oid
            ),
            identities (oid, identity, columns) as (
                select c.oid, i.identity, i.columns
                from pg_class c join tree using (oid)
                cross join lateral (
                    select
                        array(select attnum from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped),
                        (select indkey::int2[] from pg_index where indrelid = c.oid and indisprimary),
                        (select indkey::int2[] from pg_index where indrelid = c.oid and indisreplident)
                ) k (everything, key, chosen)
                cross join lateral (values
                    ('now', coalesce(case relreplident when 'd' then key when 'i' then chosen when 'f' then everything end,
                        '{}')),
                    ('default', key),
                    ('full', everything)
                ) i (identity, columns)
                where relkind = 'r' and i.columns is not null
            ),
            blocking (oid, identity, publication, names_table) as (
                select i.oid, i.identity, b.pubname, r.oid is not null
                from identities i
                join pg_class c on c.oid = i.oid
                join pg_namespace n on n.oid = c.relnamespace
                join pg_publication_tables t on t.schemaname = n.nspname and t.tablename = c.relname
                join pg_publication b on b.pubname = t.pubname and b.pubupdate
                left join pg_publication_rel r on r.prpubid = b.oid and r.prrelid = c.oid
                where cardinality(i.columns) = 0
                    -- From 18 on, a replica identity may contain no generated column that is not sent.
                    or not i.columns <@ coalesce(r.prattrs::int2[], array(
                        select attnum from pg_attribute
                        where attrelid = c.oid and attnum > 0 and not attisdropped
                            and (attgenerated = '' or current_setting('server_version_num')::int < 180000
                                or attgenerated = 's' and to_jsonb(b) ->> 'pubgencols' = 's')))
                    or r.prqual is not null and exists (
                        select from pg_depend d
                        where d.classid = 'pg_publication_rel'::regclass and d.objid = r.oid and d.refobjid = c.oid
                            and d.refobjsubid > 0 and d.refobjsubid <> all (i.columns))
            )
            select string_agg(format('alter table %s replica identity %s;', oid::regclass, identity), E'\n' order by oid)
            from (
                select oid, (
                    select min(identity) from identities i
                    where i.oid = n.oid and identity <> 'now'
                        and (oid, identity) not in (select b.oid, b.identity from blocking b)
                ) as identity
                from blocking n where n.identity = 'now' group by oid
            ) other
            having bool_and(identity is not null)
            union all
            select string_agg(format('alter publication %I drop table %s;', publication, oid::regclass), E'\n'
                order by publication, oid)
            from blocking where identity = 'now'
            having bool_and(names_table)
            """;

    private ReplicaIdentities() {
    }

    /**
     * Returns a paragraph for each table that cannot be updated, with alternative statements that allow updates.
     *
     * @param connection in a transaction that is rolled back afterwards
     */
    public static List<String> refusing(Connection connection, Collection<String> tables) throws SQLException {
        Stream.Builder<String> refusing = Stream.builder();
        for (String table : tables) {
            refusing.add(refusal(connection, table));
        }
        return refusing.build().filter(Objects::nonNull).toList();
    }

    private static String refusal(Connection connection, String table) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            for (String update : Sql.texts(connection, UPDATE, table)) {
                Sql.execute(connection, update);
            }
            return null;
        } catch (SQLException e) {
            connection.rollback(before);
            if (!NOT_SENT.contains(e.getSQLState())) {
                return null;
            }
            List<String> ways = Sql.texts(connection, REMEDIES, table);
            return """
                    - %s must be filled, and cannot be updated because of a publication:
                        %s
                    %s
                    """.formatted(table, e.getMessage().replaceAll("\\s*\n\\s*", " "), ways.isEmpty()
                    ? "Change the publication or the replica identity so that the table can be updated."
                    : "Each of these paragraphs allows the update; a publication then sends what is left in it:\n\n"
                            + String.join("\n\n", ways));
        }
    }
}
