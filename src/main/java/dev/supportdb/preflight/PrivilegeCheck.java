package dev.supportdb.preflight;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import liquibase.change.Change;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.CommandExecutionException;

/**
 * Finds the privileges that a command needs and its user lacks, all at once, each with the statement that grants it.
 */
public final class PrivilegeCheck {

    /** The default schema. The server does not show a schema of the search path that the user may not use. */
    private static final String DEFAULT_SCHEMA = "public";

    private final Database database;
    private final Connection connection;
    private final String schema;

    public PrivilegeCheck(Database database) {
        this.database = database;
        this.connection = database.getConnection().getUnderlyingConnection();
        this.schema = Objects.requireNonNullElse(database.getDefaultSchemaName(), DEFAULT_SCHEMA);
    }

    /** Returns whether Liquibase's history table exists. */
    boolean hasHistory() throws SQLException {
        return Sql.exists(connection, "select 1 from pg_tables where schemaname = ?::text and tablename = ?::text",
                historySchema(), database.getDatabaseChangeLogTableName());
    }

    /**
     * Refuses a command that only reads if it cannot see the history: without the privilege on the schema it would take
     * the database for empty.
     */
    public void checkHistory() throws SQLException, CommandExecutionException {
        refuse(history("select"));
    }

    /** Checks the privileges of a run that writes a script, which also reads the progress of backfills. */
    void checkReading() throws SQLException, CommandExecutionException {
        List<String> missing = history("select");
        missing.addAll(progress());
        refuse(missing);
    }

    /**
     * Refuses a command that cannot read the progress of backfills, or cannot write their control rows.
     *
     * @param writes whether the command also writes
     */
    public void checkBackfills(boolean writes) throws SQLException, CommandExecutionException {
        List<String> missing = schema(schema, false);
        missing.addAll(progress());
        if (writes) {
            missing.addAll(table("backfills", schema, "select", "update"));
        }
        refuse(missing);
    }

    private List<String> progress() throws SQLException {
        return Sql.texts(connection, """
                select format('grant select on %I.%I to %I;', ?::text, relname, current_user)
                from (select min(relname::text collate "C") as relname from pg_class
                      where relnamespace = (select oid from pg_namespace where nspname = ?::text)
                          and relname in ('backfill_progress', 'backfills')
                      having not bool_or(has_table_privilege(oid, 'select'))) unreadable
                """, schema, schema);
    }

    /**
     * Checks the privileges on the history before Liquibase creates it. If some are missing, reports all other missing
     * privileges too.
     */
    void checkWriting(CommandScope command) throws SQLException, CommandExecutionException {
        List<String> missing = history("select", "insert", "update", "delete");
        if (!missing.isEmpty()) {
            List<ChangeSet> changeSets = changesets(command);
            boolean isUpdate = command.getCommand().getName()[0].equals("update");
            if (hasHistory()) {
                missing.addAll(objects(changeSets));
            } else if (isUpdate && ChangesetSubset.current() == null) {
                missing.addAll(others(new NamedObjects(chosen(changeSets, command))));
            }
        }
        refuse(missing);
    }

    /**
     * Checks the privileges on the objects of the changelog, after it has been read.
     *
     * @param ran  the changesets whose objects must belong to this user; other objects may belong to anyone
     * @param work the changes of the run
     */
    void check(List<ChangeSet> ran, List<Change> work) throws SQLException, CommandExecutionException {
        List<String> missing = new ArrayList<>(objects(ran));
        missing.addAll(others(new NamedObjects(work)));
        refuse(missing);
    }

    /** The changesets; none if they cannot be read, for which the run gives the reason. */
    private List<ChangeSet> changesets(CommandScope command) {
        ChangeLogParameters given = command.getArgumentValue(DatabaseChangelogCommandStep.CHANGELOG_PARAMETERS);
        try {
            return DatabaseChangelogCommandStep.getDatabaseChangeLog(
                    command.getArgumentValue(DatabaseChangelogCommandStep.CHANGELOG_FILE_ARG),
                    given == null ? new ChangeLogParameters() : given, new PostgresDatabase()).getChangeSets();
        } catch (Exception unreadable) {
            return List.of();
        }
    }

    /** The changes that the first update of a database runs. */
    private static List<Change> chosen(List<ChangeSet> changeSets, CommandScope command) {
        String contexts = command.getArgumentValue(DatabaseChangelogCommandStep.CONTEXTS_ARG);
        String labels = command.getArgumentValue(DatabaseChangelogCommandStep.LABEL_FILTER_ARG);
        return changeSets.stream().filter(one -> !LabelFilter.excludes(contexts, labels, one))
                .flatMap(one -> one.getChanges().stream()).toList();
    }

    private List<String> history(String... rights) throws SQLException {
        boolean writes = rights.length > 1;
        List<String> missing = new ArrayList<>(schema(schema, writes));
        if (!historySchema().equals(schema)) {
            missing.addAll(schema(historySchema(), writes && !hasHistory()));
        }
        missing.addAll(table(database.getDatabaseChangeLogTableName(), historySchema(), rights));
        if (writes) {
            missing.addAll(table(database.getDatabaseChangeLogLockTableName(), historySchema(), rights));
        }
        return missing;
    }

    private List<String> table(String name, String in, String... rights) throws SQLException {
        return Sql.texts(connection, """
                select format('grant %s on %I.%I to %I;', array_to_string(?::text[], ', '), nspname, relname,
                    current_user)
                from pg_class c join pg_namespace n on n.oid = relnamespace
                where nspname = ?::text and relname = ?::text
                    and exists (select from unnest(?::text[]) needed where not has_table_privilege(c.oid, needed))
                """, rights, in, name, rights);
    }

    private List<String> schema(String name, boolean creates) throws SQLException {
        String rights = creates ? "usage, create" : "usage";
        return Sql.texts(connection, """
                select case when oid is null then format('create schema %I authorization %I;', name, current_user)
                    else format('grant %s on schema %I to %I;', rights, name, current_user) end
                from (values (?::text, ?::text)) wanted (name, rights) left join pg_namespace on nspname = name
                where oid is null or exists (
                    select from regexp_split_to_table(rights, ', ') needed where not has_schema_privilege(oid, needed))
                """, name, rights);
    }

    /**
     * The missing ownership of the changelog's objects. Only an owner may alter an object, and owners may have revoked
     * their own privileges. Partitions are created by hand; a sequence of a column has the owner of its table.
     */
    private List<String> objects(Collection<ChangeSet> changeSets) throws SQLException {
        String[] names = new NamedObjects(changeSets.stream().flatMap(one -> one.getChanges().stream()).toList())
                .created();
        return Sql.texts(connection, """
                with recursive given as (
                    select oid as namespace, ?::name[] as names from pg_namespace where nspname = ?::text
                ), relations as (
                    select c.oid from pg_class c join given on relnamespace = namespace and relname = any (names)
                    union
                    select inhrelid from pg_inherits join relations on inhparent = oid
                ), objects as (
                    select 'pg_class'::regclass as catalog, c.oid, relowner as owner,
                        case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                            when 'f' then 'foreign table' else 'table' end as kind,
                        format('%I.%I', nspname, relname) as name,
                        case when relkind = 'S' then has_sequence_privilege(c.oid, 'usage')
                            when relkind in ('v', 'm') then has_table_privilege(c.oid, 'select')
                            else (select bool_and(has_table_privilege(c.oid, needed)) from unnest(
                                '{select, insert, update, delete, references, trigger}'::text[]) needed) end as granted
                    from pg_class c join relations using (oid) join pg_namespace n on n.oid = relnamespace
                    where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                        and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid
                            and relkind = 'S' and deptype in ('a', 'i'))
                    union all
                    select 'pg_proc'::regclass, p.oid, proowner,
                        case prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
                        format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)),
                        has_function_privilege(p.oid, 'execute')
                    from pg_proc p join given on pronamespace = namespace and proname = any (names)
                    join pg_namespace n on n.oid = pronamespace
                    union all
                    select 'pg_type'::regclass, t.oid, typowner, case typtype when 'd' then 'domain' else 'type' end,
                        format('%I.%I', nspname, typname), has_type_privilege(t.oid, 'usage')
                    from pg_type t join given on typnamespace = namespace and typname = any (names)
                    join pg_namespace n on n.oid = typnamespace
                    where typtype in ('e', 'd', 'r')
                        or typtype = 'c' and (select relkind = 'c' from pg_class c where c.oid = typrelid)
                )
                select distinct case
                    when pg_has_role(owner, 'usage') then
                        format('grant all on %s%s to %I;', case catalog when 'pg_class'::regclass then
                            case kind when 'sequence' then 'sequence ' else '' end else kind || ' ' end, name,
                            current_user)
                    when not pg_has_role(owner, 'member') then
                        format('alter %s %s owner to %I;', kind, name, current_user)
                    when current_setting('server_version_num')::integer < 160000 then
                        format('alter role %I inherit;', current_user)
                    else format('grant %I to %I with inherit true;', pg_get_userbyid(owner), current_user) end
                from objects
                where not (pg_has_role(owner, 'usage') and granted)
                    and not exists (select from pg_depend where classid = catalog and objid = oid and deptype = 'e')
                order by 1
                """,
                names, schema);
    }

    /** The missing privileges on objects of other owners, or to create objects. */
    private List<String> others(NamedObjects work) throws SQLException {
        List<String> missing = new ArrayList<>(Sql.texts(connection, """
                select format('grant references on %I.%I to %I;', nspname, relname, current_user)
                from pg_class c join pg_namespace n on n.oid = relnamespace
                where nspname = ?::text and relname = any (?::text[]) and relkind in ('r', 'p')
                    and not pg_has_role(relowner, 'usage') and not has_table_privilege(c.oid, 'references')
                order by 1
                """, schema, work.referenced()));
        missing.addAll(Sql.texts(connection, """
                select format('grant usage on type %I.%I to %I;', nspname, typname, current_user)
                from pg_type t join pg_namespace n on n.oid = typnamespace
                where nspname = ?::text and typname = any (?::text[]) and typcategory <> 'A'
                    and not pg_has_role(typowner, 'usage')
                    and (typrelid = 0 or (select relkind = 'c' from pg_class c where c.oid = typrelid))
                    and not has_type_privilege(t.oid, 'usage')
                order by 1
                """, schema, work.words()));
        missing.addAll(Sql.texts(connection, """
                select format('grant execute on function %I.%I(%s) to %I;', nspname, proname,
                    pg_get_function_identity_arguments(p.oid), current_user)
                from pg_proc p join pg_namespace n on n.oid = pronamespace
                where nspname = ?::text and proname = any (?::text[]) and not pg_has_role(proowner, 'usage')
                    and not has_function_privilege(p.oid, 'execute')
                order by 1
                """, schema, work.words()));
        missing.addAll(Sql.texts(connection, """
                select case when superuser and not trusted then format('create extension %I schema %I;', name, ?::text)
                    else format('grant create on database %I to %I;', current_database(), current_user) end
                from pg_available_extensions join pg_available_extension_versions using (name)
                where name = any (?::text[]) and version = default_version and installed_version is null
                    and not (select rolsuper from pg_roles where rolname = current_user)
                    and (superuser and not trusted or not has_database_privilege(current_database(), 'create'))
                union
                select format('grant create on database %I to %I;', current_database(), current_user)
                from unnest(?::text[]) needed
                where not exists (select from pg_namespace where nspname = needed)
                    and not has_database_privilege(current_database(), 'create')
                """, schema, work.extensions(), work.schemas()));
        return missing;
    }

    private String historySchema() {
        return Objects.requireNonNullElse(database.getLiquibaseSchemaName(), schema);
    }

    /**
     * The owner of the history if it is another user, probably the one to connect as. Null for a superuser or no
     * history.
     */
    private String historyOwner() throws SQLException {
        return Sql.text(connection, """
                select min(rolname) from pg_class c join pg_roles r on r.oid = relowner
                where relnamespace = (select oid from pg_namespace where nspname = ?) and relname = ?
                    and not rolsuper and not pg_has_role(relowner, 'member')
                """, historySchema(), database.getDatabaseChangeLogTableName());
    }

    private void refuse(List<String> missing) throws SQLException, CommandExecutionException {
        if (missing.isEmpty()) {
            return;
        }
        String owner = missing.stream().anyMatch(one -> one.contains(" owner to ")) ? historyOwner() : null;
        throw new CommandExecutionException("""
                User %s lacks rights that this command needs in database %s. %s the owner of these objects, or as \
                a superuser, run:
                  %s
                Nothing has been changed.""".formatted(Sql.text(connection, "select current_user"),
                connection.getCatalog(), owner == null ? "As" : """
                Migrations have run as %s so far: connect as that user, or change the owner of its objects. To change \
                it, as""".formatted(owner), String.join("\n  ", missing)));
    }
}
