package dev.supportdb.preflight;

import static java.util.stream.Collectors.joining;

import dev.supportdb.objects.ObjectName;
import dev.supportdb.objects.SchemaEdit;
import dev.supportdb.objects.SchemaEdit.Verb;
import dev.supportdb.postgres.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.change.core.CreateIndexChange;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import liquibase.precondition.core.PreconditionContainer;

/**
 * Finds other people's objects with the name of one that a run creates: tables, views, types and functions of another
 * owner, at which it would stop half-way, and indexes. A changeset that builds an index drops first what an interrupted
 * build may have left, and would drop theirs without a message.
 */
final class TakenNamesCheck {

    /** Selects existing objects; {@code own} is whether this role may act as their owner. */
    private static final String EXISTING = """
            with given (namespace) as (select oid from pg_namespace where nspname = ?)
            select 'relation' as class, c.relname as name,
                case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
                    when 'f' then 'foreign table' when 'i' then 'index' when 'I' then 'index' else 'table' end as kind,
                c.relowner as owner, t.relname as of_table, coalesce(i.indisvalid, true) as is_valid, c.oid,
                'pg_class'::regclass as catalog, '' as arguments
            from pg_class c join given on c.relnamespace = namespace
            left join pg_index i on i.indexrelid = c.oid left join pg_class t on t.oid = i.indrelid
            where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
            union all
            select 'type', typname, case typtype when 'd' then 'domain' else 'type' end, typowner, null, true, t.oid,
                'pg_type'::regclass, ''
            from pg_type t join given on typnamespace = namespace
            where typtype in ('e', 'd', 'r') or typtype = 'c' and (select relkind = 'c' from pg_class where oid = typrelid)
            union all
            select 'routine', proname, 'function', proowner, null, true, p.oid, 'pg_proc'::regclass, '()'
            from pg_proc p join given on pronamespace = namespace where prorettype = 'trigger'::regtype
            """;

    /** Selects those that are in the way. Objects of extensions do not count. */
    private static final String TAKEN = """
            select class, name, kind, of_table, is_valid, pg_has_role(owner, 'usage') as own,
                format('%s %I.%I%s%s, owner %s', kind, ?::text, name, arguments,
                    ' on ' || quote_ident(of_table), pg_get_userbyid(owner)) as title,
                format('alter %s %I.%I%s rename to %I;', kind, ?::text, name, arguments,
                    left(name || '_of_' || pg_get_userbyid(owner), 63)) as rename
            from existing where (class, name) in (select * from unnest(?::text[], ?::text[]))
                and not exists (select from pg_depend d
                    where d.classid = catalog and d.objid = existing.oid and d.deptype = 'e')
            order by catalog, name
            """;

    private record Found(String kind, String table, boolean isValid, boolean isOwn, String title, String rename) {}

    private final Database database;
    private final ChangesetEdits edits;

    TakenNamesCheck(Database database, ChangesetEdits edits) {
        this.database = database;
        this.edits = edits;
    }

    /**
     * Refuses an update and names these objects, each with the statement that gives it another name.
     *
     * @param ran the changesets that have run, whose objects are ours
     */
    void check(List<ChangeSet> toRun, List<ChangeSet> ran)
            throws SQLException, DatabaseException, CommandExecutionException {
        Map<ObjectName, ChangeSet> wanted = wanted(toRun, ran);
        if (wanted.isEmpty()) {
            return;
        }
        List<String> titles = new ArrayList<>();
        List<String> renames = new ArrayList<>();
        try (CatalogSession session = CatalogSession.of(database)) {
            Object classes = session.connection().createArrayOf("text",
                    wanted.keySet().stream().map(ObjectName::kind).toArray());
            Object names = session.connection().createArrayOf("text",
                    wanted.keySet().stream().map(ObjectName::name).toArray());
            Sql.rows(session.connection(), "with existing as (" + EXISTING + ") " + TAKEN, row -> {
                ChangeSet creator = wanted.get(new ObjectName(row.getString("class"), null, row.getString("name")));
                Found found = new Found(row.getString("kind"), row.getString("of_table"), row.getBoolean("is_valid"),
                        row.getBoolean("own"), row.getString("title"), row.getString("rename"));
                if (isForeign(found, creator, creator == toRun.get(0))) {
                    titles.add("- %s (%s)".formatted(found.title(), creator.toString(false)));
                    renames.add(found.rename());
                }
                return found;
            }, session.schema(), session.schema(), session.schema(), classes, names);
        }
        if (!titles.isEmpty()) {
            throw new CommandExecutionException("""
                    This update creates objects whose names other objects have, which the changelog has not created. \
                    Nothing has been changed.
                    %s
                    Give them other names, as their owner or as a superuser:
                      %s
                    If one of them is what the changeset would create, mark the changeset as run instead: \
                    docs/failed-migrations.md#mark-as-run""".formatted(String.join("\n", titles),
                    renames.stream().distinct().collect(joining("\n  "))));
        }
    }

    /**
     * Returns whether the object is not what an interrupted run has left. Such an index is on the table that the changeset
     * names, and either invalid, so of no use to anybody, or of the first changeset, with which a run resumes.
     */
    private boolean isForeign(Found found, ChangeSet creator, boolean isFirst) {
        if (!found.kind().equals("index")) {
            return !found.isOwn();
        }
        return !names(creator, found.table()) || found.isValid() && !isFirst;
    }

    /** Returns whether a changeset names a table, which need not be one that the changelog has created. */
    private static boolean names(ChangeSet changeSet, String table) {
        return List.of(new NamedObjects(changeSet.getChanges()).words()).contains(table)
                || changeSet.getChanges().stream().anyMatch(change ->
                        change instanceof CreateIndexChange index && table.equals(index.getTableName()));
    }

    /** The objects that the run is the first to create, except in changesets that a precondition may skip. */
    private Map<ObjectName, ChangeSet> wanted(List<ChangeSet> toRun, List<ChangeSet> ran) {
        Map<ObjectName, ChangeSet> wanted = new LinkedHashMap<>();
        if (toRun.isEmpty()) {
            return wanted;
        }
        Set<ObjectName> known = created(ran.stream());
        for (ChangeSet changeSet : toRun) {
            List<SchemaEdit> its = edits.forward(changeSet);
            PreconditionContainer preconditions = changeSet.getPreconditions();
            if (preconditions == null || preconditions.getOnFail() == PreconditionContainer.FailOption.HALT) {
                its.stream().filter(edit -> edit.verb() == Verb.CREATE && !known.contains(edit.object()))
                        .forEach(edit -> wanted.putIfAbsent(edit.object(), changeSet));
            }
            // What a changeset drops or renames, a later one may create.
            its.forEach(edit -> known.add(edit.object()));
        }
        return wanted;
    }

    private Set<ObjectName> created(Stream<ChangeSet> changeSets) {
        Set<ObjectName> created = new HashSet<>();
        changeSets.flatMap(one -> Stream.concat(edits.forward(one).stream(), edits.back(one).stream()))
                .filter(edit -> edit.verb() == Verb.CREATE || edit.newName() != null)
                .map(edit -> edit.newName() == null ? edit.object()
                        : new ObjectName(edit.object().kind(), edit.object().table(), edit.newName()))
                .forEach(created::add);
        return created;
    }
}
