package dev.supportdb.generate;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Phase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The changesets that make a changelog agree with the models, in the order in which they can run: types, tables,
 * columns, indexes, keys, NOT NULL; and at the end, commented out, those that would drop something.
 */
public final class ModelChangesets {

    private final JpaSchema changelog;
    private final JpaSchema models;
    private final List<ChangesetDraft> drafts = new ArrayList<>();

    ModelChangesets(JpaSchema changelog, JpaSchema models) {
        this.changelog = changelog;
        this.models = models;
        EnumTypeChanges types = new EnumTypeChanges(changelog.enums(), models.enums());
        List<TableChange> changed = models.tables().values().stream()
                .filter(table -> changelog.tables().containsKey(table.name()))
                .map(table -> new TableChange(changelog.tables().get(table.name()), table)).toList();
        List<ChangesetDraft> keysOfNewTables = new ArrayList<>();

        drafts.addAll(types.drafts());
        drafts.addAll(newTables(keysOfNewTables));
        changed.forEach(table -> drafts.addAll(table.columnDrafts()));
        changed.forEach(table -> drafts.addAll(table.indexDrafts()));
        drafts.addAll(keysOfNewTables);
        changed.forEach(table -> drafts.addAll(table.keyDrafts()));
        changed.forEach(table -> drafts.addAll(table.requirements()));
        changed.forEach(table -> drafts.addAll(table.drops()));
        drafts.addAll(droppedTables());
        drafts.addAll(types.drops());
    }

    /** Returns whether there is nothing to write. */
    public boolean isEmpty() {
        return drafts.isEmpty();
    }

    /**
     * Leaves out the changes that an existing file already contains, commented out for a person to decide.
     *
     * @param files texts by path
     * @return a line for each, with its file
     */
    public List<String> leaveOut(Map<String, String> files) {
        List<String> left = new ArrayList<>();
        drafts.removeIf(draft -> {
            Optional<String> file = files.keySet().stream().filter(path -> draft.isCommentedOutIn(files.get(path)))
                    .findFirst();
            file.ifPresent(path -> left.add(draft.comment() + ": " + path));
            return file.isPresent();
        });
        return left;
    }

    /** Returns the changesets as text for a feature's file, after its tag. */
    public String text(FeatureScaffold.Begun feature, Changelog changelog) {
        drafts.forEach(draft -> draft.needDropped(changelog, feature.branch()));
        return text(feature.name());
    }

    String text(String feature) {
        return ChangesetDraft.text(drafts, feature);
    }

    /** The number of changesets of each sort. */
    public String summary() {
        long commentedOut = drafts.stream().filter(ChangesetDraft::isCommentedOut).count();
        return "changesets: " + (drafts.size() - commentedOut)
                + (commentedOut == 0 ? "" : ", and commented out, for a person to decide: " + commentedOut);
    }

    /** Returns warnings: decisions for a person and facts to know; each is in the file as well. */
    public List<String> warnings() {
        boolean todo = text("").contains(YamlChanges.TODO);
        return Stream.concat(drafts.stream().flatMap(draft -> draft.warnings().stream()),
                Stream.of("replace each TODO in the file; remarks can be written in the models, as comment = in "
                        + "@Column and @Table").filter(warning -> todo)).toList();
    }

    /** Existing objects that are changed or referred to: tables, columns as {@code table.column}, enum types. */
    public Set<String> touched() {
        return ReferencedObjects.of(changelog, models);
    }

    /** New tables, each after those it refers to. If two refer to each other, one gets its foreign key afterwards. */
    private List<ChangesetDraft> newTables(List<ChangesetDraft> afterwards) {
        List<ChangesetDraft> created = new ArrayList<>();
        Set<String> there = new HashSet<>(changelog.tables().keySet());
        for (JpaTable table : inOrder(without(models, changelog), there)) {
            there.add(table.name());
            created.add(createTable(table, there));
            table.foreignKeys().filter(key -> !there.contains(key.references())).map(KeyChanges::addForeign)
                    .forEach(afterwards::add);
        }
        return created;
    }

    private ChangesetDraft createTable(JpaTable table, Set<String> there) {
        ChangesetDraft draft = new ChangesetDraft("create_" + table.name(), "Create table " + table.name());
        Set<String> gone = without(changelog, models).keySet();
        if (!gone.isEmpty()) {
            draft.warn("if %s is %s renamed, its rows are not moved: rename it instead", table.name(),
                    String.join(" or ", gone));
        }
        table.foreignKeys().forEach(key -> KeyChanges.warnUnsearched(draft, table, key));
        YamlChanges.table(table, key -> there.contains(key.references())).forEach(draft::change);
        List<String> locks = Stream.concat(table.foreignKeys().map(TableKey::references), Stream.of(table.name()))
                .filter(there::contains).distinct().sorted(Comparator.comparing(table.name()::equals)).toList();
        if (locks.size() > 1) {
            draft.back("""
                    # Locked in the order in which a row that is referred to is deleted; the other way round deadlocks
                    # with one who does that.""");
        }
        return draft.backSql("lock table %s in access exclusive mode", String.join(", ", locks))
                .refuse(table.name(), "select * from " + table.name())
                .back("- dropTable: {tableName: %s}".formatted(table.name()));
    }

    private List<ChangesetDraft> droppedTables() {
        List<JpaTable> gone = inOrder(without(changelog, models), models.tables().keySet());
        Collections.reverse(gone);
        return gone.stream().map(ModelChangesets::dropTable).toList();
    }

    private static ChangesetDraft dropTable(JpaTable table) {
        ChangesetDraft draft = new ChangesetDraft("drop_" + table.name(), "Drop table " + table.name())
                .warn("no model has table %s any more. Its rows would be lost, and the rollback cannot restore "
                        + "them; an application that still reads it would fail. If it is only not mapped, add it "
                        + "to unmapped.txt", table.name())
                .labelled(Phase.CONTRACT).dropping(table.name())
                .change("- dropTable: {tableName: %s}".formatted(table.name())).commentedOut();
        YamlChanges.table(table, key -> true).forEach(draft::back);
        return draft;
    }

    private static SortedMap<String, JpaTable> without(JpaSchema all, JpaSchema others) {
        SortedMap<String, JpaTable> tables = new TreeMap<>(all.tables());
        tables.keySet().removeAll(others.tables().keySet());
        return tables;
    }

    private static List<JpaTable> inOrder(SortedMap<String, JpaTable> open, Set<String> before) {
        List<JpaTable> ordered = new ArrayList<>();
        Set<String> there = new HashSet<>(before);
        while (!open.isEmpty()) {
            JpaTable next = open.values().stream().filter(table -> refersTo(table, there)).findFirst()
                    .orElse(open.get(open.firstKey()));
            open.remove(next.name());
            there.add(next.name());
            ordered.add(next);
        }
        return ordered;
    }

    private static boolean refersTo(JpaTable table, Set<String> there) {
        return table.foreignKeys().map(TableKey::references)
                .allMatch(other -> other.equals(table.name()) || there.contains(other));
    }
}
