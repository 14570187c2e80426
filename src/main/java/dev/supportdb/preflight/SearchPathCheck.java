package dev.supportdb.preflight;

import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLiteral;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import liquibase.executor.ExecutorService;
import liquibase.statement.core.RawParameterizedSqlStatement;
import org.postgresql.util.PSQLException;

/**
 * Roles that may create something in a schema of the search path, and what they have created there. The server prefers
 * an operator or a function that fits the types exactly to its own, and runs it with the rights of the session.
 *
 * <p>Trusted are superusers, the owners of the database and of the schema, the role of the session, the roles that are
 * named, and whoever is a member of one of these. A database that was upgraded from PostgreSQL 14 lets everybody create
 * in the schema {@code public}.
 */
public final class SearchPathCheck {

    /** Known to Liquibase by this, as a service. */
    public static final class Settings implements AutoloadedConfigurations {

        static final String TRUSTED = "supportdb.trusted.roles";
        static final String VARIABLE = "SUPPORTDB_TRUSTED_ROLES";

        private static final ConfigurationDefinition<String> ROLES =
                new ConfigurationDefinition.Builder("supportdb.trusted").define("roles", String.class)
                        .setDescription("Roles that may create in the search path, with commas between them; or public")
                        .setDefaultValue("").build();
    }

    /** What a {@code raise} has. */
    private static final String REFUSED = "P0001";

    private final Database database;

    public SearchPathCheck(Database database) {
        this.database = database;
    }

    /** Refuses a session whose search path others may write to, with what takes that from them. */
    public void check() throws SQLException, DatabaseException, CommandExecutionException {
        database.rollback();
        try {
            Sql.execute(((JdbcConnection) database.getConnection()).getUnderlyingConnection(), sql());
        } catch (PSQLException e) {
            if (REFUSED.equals(e.getSQLState())) {
                throw new CommandExecutionException(e.getServerErrorMessage().getMessage());
            }
            throw e;
        } finally {
            database.rollback();
        }
    }

    /** Lets a script ask the same of the session that runs it. */
    void write() throws DatabaseException {
        Scope.getCurrentScope().getSingleton(ExecutorService.class).getExecutor("jdbc", database)
                .execute(new RawParameterizedSqlStatement(sql()));
    }

    private static String sql() {
        List<String> trusted =
                Stream.of(Settings.ROLES.getCurrentValue().strip().split("\\s*,\\s*")).filter(name -> !name.isEmpty())
                        .toList();
        return SQL.formatted(trusted.stream().map(SqlLiteral::of).collect(Collectors.joining(", ")), Settings.TRUSTED,
                Settings.VARIABLE);
    }

    /** Looks at nothing but the catalogue while it asks, or the answer might be somebody else's. */
    private static final String SQL = """
            do $search_path$
            declare
                _path text := current_setting('search_path');
                _trusted text[] := array[%1$s]::text[];
                _unknown text;
                _found text;
                _remedies text;
                _roles text;
            begin
                perform set_config('search_path', 'pg_catalog, pg_temp', true);
                select string_agg(name, ', ') into _unknown from unnest(_trusted) name
                where name <> 'public' and name not in (select rolname from pg_roles);
                if _unknown is not null then
                    raise exception '%2$s names %%, and there is no such role. Nothing has been changed.', _unknown;
                end if;
                with named as (
                    select distinct case word when '$user' then current_user else word end as name
                    from (select case when part[1] like '"%%' then replace(trim(both '"' from part[1]), '""', '"')
                              else lower(part[1]) end as word
                          from regexp_matches(_path || ', public', '"(?:[^"]|"")*"|[^ ,]+', 'g') part) words
                    where left(word, 3) <> 'pg_'
                ), root as (
                    select oid from pg_roles
                    where rolsuper or rolname in (current_user, session_user) or rolname = any (_trusted)
                    union select datdba from pg_database where datname = current_database()
                ), stranger as (
                    select oid, rolname, rolcanlogin from pg_roles role
                    where not 'public' = any (_trusted)
                      and not exists (select from root where pg_has_role(role.oid, root.oid, 'member'))
                ), place as (
                    select 'in schema ' || quote_ident(nspname) as what, 'schema ' || quote_ident(nspname) as object,
                        nspowner as owner, coalesce(nspacl, acldefault('n', nspowner)) as acl
                    from pg_namespace where nspname in (select name from named)
                    union all
                    select 'schema ' || quote_ident(name) || ', which the search path names and which is not there',
                        'database ' || quote_ident(datname), datdba, coalesce(datacl, acldefault('d', datdba))
                    from pg_database, named
                    where datname = current_database() and name not in (select nspname from pg_namespace)
                ), creator as (
                    select place.*, may.grantee, may.grantor,
                        (select array_agg(quote_ident(rolname) order by rolname) from stranger
                         where rolcanlogin and (may.grantee = 0 or pg_has_role(oid, may.grantee, 'member'))
                           and not pg_has_role(oid, owner, 'member')) as names
                    from place, aclexplode(acl) may where may.privilege_type = 'CREATE'
                ), made as (
                    select 'operator ' || oid::regoperator as what, 'drop operator ' || oid::regoperator || ';' as remedy,
                        oprowner as owner, oprnamespace as schema
                    from pg_operator
                    union all
                    select 'function ' || oid::regprocedure, 'drop routine ' || oid::regprocedure || ';',
                        proowner, pronamespace
                    from pg_proc own
                    where exists (select from pg_proc other where other.proname = own.proname and other.oid <> own.oid
                        and other.pronamespace in (own.pronamespace, 'pg_catalog'::regnamespace))
                ), item as (
                    select 1 as place, array_to_string(names[1:5], ', ') || case when cardinality(names) > 5
                            then ' and ' || cardinality(names) - 5 || ' more' else '' end
                        || case when grantee = 0 then ' (as everybody)'
                            when names <> array[grantee::regrole::text] then ' (by ' || grantee::regrole || ')' else '' end
                        || ' may create ' || what as what,
                        case when grantor <> owner then 'set role ' || grantor::regrole || '; ' else '' end
                        || 'revoke create on ' || object || ' from '
                        || case grantee when 0 then 'public' else grantee::regrole::text end || ';'
                        || case when grantor <> owner then ' reset role;' else '' end as remedy,
                        case grantee when 0 then 'public' else grantee::regrole::text end as role
                    from creator where names is not null
                    union
                    select 2, what || ' belongs to ' || quote_ident(rolname), remedy, quote_ident(rolname)
                    from made join stranger on stranger.oid = made.owner
                    join pg_namespace on pg_namespace.oid = schema and nspname in (select name from named)
                    where not pg_has_role(stranger.oid, nspowner, 'member') and (
                        not pg_has_role(current_user, stranger.oid, 'member')
                        -- A superuser counts as a member of every role.
                        or exists (select from pg_roles where rolname = current_user and rolsuper)
                        or exists (select from stranger other
                            where other.rolcanlogin and pg_has_role(other.oid, stranger.oid, 'member')))
                )
                select string_agg('- ' || what, e'\\n' order by place, what),
                    string_agg('  ' || remedy, e'\\n' order by place, remedy), string_agg(distinct role, ',')
                into _found, _remedies, _roles from item;
                if _found is not null then
                    raise exception using message = 'Other roles can run code with the rights of ' || current_user
                        || e', by what they create in the search path of this run:\\n' || _found
                        || e'\\nNothing has been changed. As the owner or a superuser run:\\n' || _remedies
                        || e'\\nOr trust them: mvn with -D%2$s=' || _roles || ', else %3$s=' || _roles
                        || ' in the environment.';
                end if;
                perform set_config('search_path', _path, true);
            end
            $search_path$""";
}
