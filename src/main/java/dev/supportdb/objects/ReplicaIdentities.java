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

    private static final String REMEDIES = """
            with recursive tree as (
                select to_regclass(?)::oid as oid
                union all
                select inhrelid from pg_inherits join tree on inhparent = oid
            )
            select format('alter table %s replica identity default;', c.oid::regclass)
            from pg_class c join tree using (oid)
            where relreplident <> 'd' and relkind = 'r'
              and exists (select from pg_index where indrelid = c.oid and indisprimary)
            union
            select format('alter publication %I drop table %s;', pubname, c.oid::regclass)
            from pg_class c join tree using (oid) join pg_namespace n on n.oid = relnamespace
            join pg_publication_tables on schemaname = nspname and tablename = relname
            join pg_publication using (pubname)
            where pubupdate and not puballtables
            order by 1 desc
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
            return """
                    - %s must be filled, and cannot be updated because of a publication:
                        %s
                    One of these allows the update; the publication then sends the columns and rows that are left:

                    %s
                    """.formatted(table, e.getMessage().replaceAll("\\s*\n\\s*", " "),
                    String.join("\n", Sql.texts(connection, REMEDIES, table)));
        }
    }
}
