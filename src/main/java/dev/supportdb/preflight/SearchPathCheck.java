package dev.supportdb.preflight;

import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLiteral;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import org.postgresql.util.PSQLException;

/**
 * Finds roles that may create objects in a schema of the search path, and the objects that they have created there. The
 * server prefers an operator or a function whose argument types match exactly to its own, and runs it with the
 * privileges of the session. The same holds for a trigger, for which the privilege {@code trigger} on another role's
 * table is enough, and for the functions of a view that replaces the history.
 *
 * <p>Trusted are superusers, the owners of the database and of the schema, the role of the session, the roles that are
 * named, and whoever is a member of one of these. A database that was upgraded from PostgreSQL 14 lets everybody create
 * in the schema {@code public}.
 */
public final class SearchPathCheck {

    /** Registers the settings with Liquibase, as a service. */
    public static final class Settings implements AutoloadedConfigurations {

        static final String TRUSTED = "supportdb.trusted.roles";
        static final String VARIABLE = "SUPPORTDB_TRUSTED_ROLES";

        private static final ConfigurationDefinition<String> ROLES =
                new ConfigurationDefinition.Builder("supportdb.trusted").define("roles", String.class)
                        .setDescription("Roles that may create in the search path, with commas between them; or public")
                        .setDefaultValue("").build();
    }

    /** The SQLSTATE of a {@code raise}. */
    private static final String REFUSED = "P0001";

    private final Database database;

    public SearchPathCheck(Database database) {
        this.database = database;
    }

    /** Refuses a session whose search path others may write to, with the statements that revoke this. */
    public void check() throws SQLException, DatabaseException, CommandExecutionException {
        ask(true);
    }

    /**
     * Refuses a session that only reads if others have already created objects in its search path. Objects that they
     * may still create do not stop it: it is short, and its answer is needed when no update is possible.
     */
    public void checkLooking() throws SQLException, DatabaseException, CommandExecutionException {
        ask(false);
    }

    private void ask(boolean mayCreate) throws SQLException, DatabaseException, CommandExecutionException {
        database.rollback();
        try {
            Sql.execute(((JdbcConnection) database.getConnection()).getUnderlyingConnection(), sql(mayCreate, ""));
        } catch (PSQLException e) {
            if (REFUSED.equals(e.getSQLState())) {
                throw new CommandExecutionException(e.getServerErrorMessage().getMessage());
            }
            throw e;
        } finally {
            database.rollback();
        }
    }

    /** Adds the same check to a script, for the session that runs it. */
    void write() throws DatabaseException {
        LiquibaseExecutor.execute(database, sql(true, ", and write the script again"));
    }

    /**
     * The check as a block that raises its findings.
     *
     * @param mayCreate whether to check also privileges to create objects, and triggers that fire on writes
     * @param after     a further instruction for the case that a role is trusted
     */
    private String sql(boolean mayCreate, String after) {
        List<String> trusted =
                Stream.of(Settings.ROLES.getCurrentValue().strip().split("\\s*,\\s*")).filter(name -> !name.isEmpty())
                        .toList();
        return SQL.formatted(trusted.stream().map(SqlLiteral::of).collect(Collectors.joining(", ")), Settings.TRUSTED,
                Settings.VARIABLE, mayCreate, Stream.of(database.getDatabaseChangeLogTableName(),
                        database.getDatabaseChangeLogLockTableName()).map(SqlLiteral::of)
                        .collect(Collectors.joining(", ")), after);
    }

    /** The block searches only the catalogue's schema; otherwise another user's functions could change the result. */
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
                    select place.*, grantee, grantor from place, aclexplode(acl)
                    where privilege_type = 'CREATE' and grantee <> owner
                ), made as (
                    select 'operator ' || oid::regoperator as what,
                        'drop operator ' || oid::regoperator || ';' as remedy, oprowner as owner, oprnamespace as schema
                    from pg_operator
                    union all
                    select 'function ' || oid::regprocedure, 'drop routine ' || oid::regprocedure || ';',
                        proowner, pronamespace
                    from pg_proc own
                    where exists (select from pg_proc other where other.proname = own.proname and other.oid <> own.oid
                        and other.pronamespace in (own.pronamespace, 'pg_catalog'::regnamespace))
                    union all
                    select 'function ' || tgfoid::regprocedure || ' of trigger ' || quote_ident(tgname) || ' on '
                        || tgrelid::regclass, 'drop trigger ' || quote_ident(tgname) || ' on ' || tgrelid::regclass
                        || ';', proowner, relnamespace
                    from pg_trigger join pg_proc on pg_proc.oid = tgfoid join pg_class on pg_class.oid = tgrelid
                    where %4$s and not tgisinternal and tgparentid = 0 and tgenabled <> 'D' and not prosecdef
                      and (relname in (%5$s) or relowner <> proowner)
                    union all
                    select kind || ' ' || pg_class.oid::regclass,
                        'drop ' || kind || ' ' || pg_class.oid::regclass || ';', relowner, relnamespace
                    from pg_class join (values ('v'::"char", 'view'), ('f', 'foreign table')) kinds (relkind, kind)
                        using (relkind)
                    where relname in (%5$s)
                    union all
                    select 'table ' || pg_class.oid::regclass || ', with whatever its defaults and checks call,',
                        'alter table ' || pg_class.oid::regclass || ' owner to ' || nspowner::regrole
                        || '; -- once \\d shows no default or check that calls a function', relowner, relnamespace
                    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
                    where %4$s and relkind in ('r', 'p') and relname in (%5$s)
                      -- A superuser counts as a member of every group.
                      and (not pg_has_role(relowner, 'member')
                          or (select rolsuper from pg_roles where rolname = current_user))
                ), made_here as (
                    select made.*, nspowner from made join pg_namespace on pg_namespace.oid = schema
                    where nspname in (select name from named) and made.owner in (select oid from stranger)
                ), actor as (
                    select oid, quote_ident(rolname) as role,
                        (select array_agg(quote_ident(other.rolname) order by other.rolname) from stranger other
                         where other.rolcanlogin and pg_has_role(other.oid, stranger.oid, 'member')) as names
                    from stranger where oid in (select grantee from creator union select owner from made_here)
                ), outsider as (
                    -- Not a group all of whose members are trusted. A superuser counts as a member of every group.
                    select * from actor where names is not null or not exists (select from pg_roles member
                        where rolcanlogin and not rolsuper and pg_has_role(member.oid, actor.oid, 'member'))
                ), may as (
                    select 'everybody' as who, 'public' as role, creator.* from creator
                    where grantee = 0 and not 'public' = any (_trusted)
                    union all
                    select coalesce(array_to_string(names[1:5], ', ') || case when cardinality(names) > 5
                            then ' and ' || cardinality(names) - 5 || ' more' else '' end
                            || case when names <> array[role] then ' (by ' || role || ')' else '' end, role),
                        role, creator.*
                    from creator join outsider on outsider.oid = grantee
                    where not pg_has_role(grantee, owner, 'member')
                ), item as (
                    select 1 as place, who || ' may create ' || what as what, role,
                        case when grantor <> owner then 'set role ' || grantor::regrole || '; ' else '' end
                        || 'revoke create on ' || object || ' from ' || role || ';'
                        || case when grantor <> owner then ' reset role;' else '' end as remedy
                    from may where %4$s
                    union
                    select 2, what || ' belongs to ' || role, role, remedy
                    from made_here join outsider on outsider.oid = owner
                    where not pg_has_role(owner, nspowner, 'member')
                )
                select string_agg('- ' || what, e'\\n' order by place, what),
                    string_agg('  ' || remedy, e'\\n' order by place, remedy not like 'set role %%', remedy),
                    string_agg(distinct case when role like '"%%' then replace(trim(both '"' from role), '""', '"')
                        else role end, ',')
                into _found, _remedies, _roles from item;
                if _roles !~ '^[a-z0-9_,]+$' then -- As a shell takes it.
                    _roles := '''' || replace(_roles, '''', '''\\''''') || '''';
                end if;
                if _found is not null then
                    raise exception using message = 'Other roles can run code with the rights of ' || current_user
                        || e', by what they create in the search path of this run:\\n' || _found
                        || e'\\nNothing has been changed. As the owner or a superuser run:\\n' || _remedies
                        || e'\\nOr trust them: mvn with -D%2$s=' || _roles || ', else %3$s=' || _roles
                        || ' in the environment%6$s.';
                end if;
                perform set_config('search_path', _path, true);
            end
            $search_path$""";
}
