package dev.supportdb.deploy;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The rights that a user lacks to dump a whole database, in which others may own tables, sequences and large objects. */
final class DumpRights {

    private static final String MISSING = """
            with relations as (
                select c.oid, format('%I.%I', n.nspname, c.relname) as name, c.relkind, n.oid as namespace
                from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
                    and not exists (select from pg_catalog.pg_depend d
                        where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
            ), hidden as (
                select min(name) as name from relations where not has_schema_privilege(namespace, 'usage')
                    or not case relkind when 'S' then has_sequence_privilege(oid, 'select')
                        else has_table_privilege(oid, 'select') end
            ), filtered as (
                select min(name) as name from relations where relkind <> 'S' and row_security_active(oid)
            ), objects as (
                select min(oid) as name from pg_catalog.pg_largeobject_metadata
                where not pg_has_role(lomowner, 'usage') and not exists (
                    select from aclexplode(lomacl) where privilege_type = 'SELECT'
                        and case when grantee = 0 then true else pg_has_role(grantee, 'usage') end)
            )
            select name, format('grant pg_read_all_data to %I;', current_user) from hidden
            union all
            select 'the rows that policies hide in ' || name, format('alter role %I bypassrls;', current_user) from filtered
            union all
            select 'large object ' || name, format(
                $$select format('grant select on large object %%s to %I;', oid) from pg_largeobject_metadata \\gexec$$,
                current_user)
            from objects where not (select rolsuper from pg_catalog.pg_roles where rolname = current_user)
            """;

    private DumpRights() {
    }

    /** Returns why this user cannot dump the database, with the statements that let it. */
    static Optional<String> refusal(Connection connection) throws SQLException {
        List<String[]> missing = Sql.rows(connection, MISSING,
                row -> new String[] {row.getString(1), row.getString(2)}).stream()
                .filter(row -> row[0] != null).toList();
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of("""
                User %s may not read all of database %s, so it cannot back it up: not %s. Nothing has been changed. \
                As a superuser, run in psql:
                  %s
                or have another program make the backup: --backup-with=command""".formatted(
                Sql.text(connection, "select current_user"), connection.getCatalog(),
                String.join(", nor ", missing.stream().map(row -> row[0]).toList()),
                String.join("\n  ", missing.stream().map(row -> row[1]).toList())));
    }
}
