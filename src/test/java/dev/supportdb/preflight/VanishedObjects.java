package dev.supportdb.preflight;

import dev.supportdb.objects.SchemaEdit;
import dev.supportdb.objects.SchemaEdit.Verb;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;

/** Looks at a database before and after every changeset: what is gone, and whether its edits have said so. */
final class VanishedObjects extends AbstractChangeExecListener {

    /**
     * Each with its name as an edit has it, followed by those of what it is a part of; of a column also with its type.
     * Parts of what an index or a constraint goes with are not asked for.
     */
    private static final String OBJECTS = """
            select c.relname::text from pg_class c
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') and not relispartition
            union all
            select c.relname || '|' || t.relname || '|' || coalesce('constraint ' || t.relname || '.' || k.conname, '')
              || (select string_agg('|column ' || t.relname || '.' || attname, '' order by attnum) from pg_attribute a
                  where attrelid = t.oid and (attnum = any (indkey) or exists (select from pg_depend
                    where objid = c.oid and refobjid = t.oid and refobjsubid = attnum)))
            from pg_index i join pg_class c on c.oid = indexrelid join pg_class t on t.oid = indrelid
            left join pg_constraint k on k.conindid = c.oid and k.contype in ('p', 'u', 'x')
            where c.relnamespace = 'public'::regnamespace and not c.relispartition
            union all
            select c.relname || '|' || t.relname || '|column ' || t.relname || '.' || attname
            from pg_class c join pg_depend d on d.objid = c.oid and d.refobjsubid > 0 and d.deptype in ('a', 'i')
            join pg_class t on t.oid = d.refobjid join pg_attribute a on attrelid = t.oid and attnum = d.refobjsubid
            where c.relkind = 'S' and c.relnamespace = 'public'::regnamespace
            union all
            select 'column ' || relname || '.' || attname || '|' || relname
            from pg_attribute join pg_class c on c.oid = attrelid
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped
              and not relispartition
            union all
            select 'constraint ' || relname || '.' || conname || '|' || relname
              || coalesce((select string_agg('|column ' || relname || '.' || attname, '' order by attnum)
                           from pg_attribute where attrelid = c.oid and attnum = any (conkey)), '')
            from pg_constraint k join pg_class c on c.oid = conrelid
            where relnamespace = 'public'::regnamespace and not relispartition and contype <> 'n'
            union all
            select 'trigger ' || relname || '.' || tgname || '|' || relname
            from pg_trigger join pg_class c on c.oid = tgrelid
            where relnamespace = 'public'::regnamespace and not tgisinternal and tgparentid = 0
            union all
            select 'policy ' || relname || '.' || polname || '|' || relname
            from pg_policy join pg_class c on c.oid = polrelid
            union all
            select 'rule ' || relname || '.' || rulename || '|' || relname
            from pg_rewrite join pg_class c on c.oid = ev_class
            where rulename <> '_RETURN' and relnamespace = 'public'::regnamespace
            union all
            select distinct 'routine ' || proname from pg_proc where pronamespace = 'public'::regnamespace
            union all
            select 'type ' || typname from pg_type t
            where typnamespace = 'public'::regnamespace and typtype in ('e', 'd', 'r') and typrelid = 0
            union all
            select 'typed column ' || relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
              || '|' || relname || '|column ' || relname || '.' || attname
            from pg_attribute join pg_class c on c.oid = attrelid
            where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
              and not relispartition
            """;

    private final TestDatabase database;
    private final List<String> unsaid = new ArrayList<>();
    private final Set<String> seen = new TreeSet<>();
    private Set<String> before;

    VanishedObjects(TestDatabase database) {
        this.database = database;
    }

    /** The objects that were dropped without an edit that says so, with the changeset; empty if all is well. */
    List<String> unsaid() {
        return unsaid;
    }

    /** The changesets that made something vanish, a plus before those that were run, a minus before those undone. */
    Set<String> seen() {
        return seen;
    }

    @Override
    public void willRun(ChangeSet changeSet, DatabaseChangeLog changeLog, Database of, RunStatus runStatus) {
        before = objects();
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog changeLog, Database of) {
        before = objects();
    }

    @Override
    public void ran(ChangeSet changeSet, DatabaseChangeLog changeLog, Database of, ExecType execType) {
        compare("+" + changeSet.getId(), new ChangesetEdits(of).forward(changeSet));
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changeLog, Database of) {
        compare("-" + changeSet.getId(), new ChangesetEdits(of).back(changeSet));
    }

    private void compare(String changeSet, List<SchemaEdit> edits) {
        Set<String> said = edits.stream().filter(edit -> edit.verb() != Verb.CREATE)
                .map(edit -> String.valueOf(edit.object())).collect(Collectors.toSet());
        Set<String> vanished = new TreeSet<>(before);
        vanished.removeAll(objects());
        for (String object : vanished) {
            seen.add(changeSet);
            if (List.of(object.split("\\|")).stream().noneMatch(said::contains)) {
                unsaid.add(changeSet + ": " + object);
            }
        }
    }

    private Set<String> objects() {
        try {
            return new HashSet<>(database.texts(OBJECTS));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
