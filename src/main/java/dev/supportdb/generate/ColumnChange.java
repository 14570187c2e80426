package dev.supportdb.generate;

import dev.supportdb.changelog.Phase;
import dev.supportdb.changelog.YamlText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The changes of an existing column. */
final class ColumnChange {

    private static final String ALTER_TYPE = "alter table %s alter column %s type %s";
    private static final String REQUIRING = """
            # The check is validated under a lock that lets everybody read and write, and "set not null" then does
            # not read the rows. Each statement commits by itself; all of them are idempotent.""";

    /**
     * Types for which a change from any other type rewrites every row, so lint reports the change by the type alone.
     */
    private static final Pattern REWRITTEN = Pattern.compile("(smallint|integer|bigint|real|double precision|boolean"
            + "|date|uuid|jsonb?|bytea|money|character)\\b.*");
    private static final String SMALL =
            "# lint: allow type-change: the table is small, and is rewritten within the lock timeout of its users\n";

    private final JpaTable table;
    private final CatalogColumn before;
    private final CatalogColumn after;
    private final List<ChangesetDraft> drafts = new ArrayList<>();
    private final List<ChangesetDraft> requirements = new ArrayList<>();

    ColumnChange(JpaTable table, CatalogColumn before, CatalogColumn after) {
        this.table = table;
        this.before = before;
        this.after = after;
        boolean sameType = before.type().equals(after.type());
        if (!sameType) {
            drafts.add(after.isWiderThan(before) ? widen() : changeType());
        }
        if (!before.identity().equals(after.identity())) {
            drafts.add(number());
        } else if (!before.defaultValue().equals(after.defaultValue())) {
            // A default of the new type needs the change of type first.
            drafts.add(sameType || after.isWiderThan(before) ? changeDefault() : changeDefault().commentedOut());
        }
        if (before.notNull() && !after.notNull()) {
            drafts.add(relax());
        } else if (!before.notNull() && after.notNull()) {
            requirements.add(require(table, after));
        }
        after.remarks().filter(text -> !before.remarks().equals(Optional.of(text))).ifPresent(text -> drafts.add(
                YamlChanges.comment("column " + place(), before.remarks(), text)));
    }

    List<ChangesetDraft> drafts() {
        return drafts;
    }

    /** Changesets that can run only after the rows are valid. */
    List<ChangesetDraft> requirements() {
        return requirements;
    }

    private String place() {
        return table.name() + "." + after.name();
    }

    /** @param exception a suppression above the statement, or nothing */
    private ChangesetDraft type(String exception) {
        ChangesetDraft draft = new ChangesetDraft("change_%s_type".formatted(after.plainName()),
                "Change %s from %s to %s".formatted(place(), before.type(), after.type()));
        dropTriggers(draft::changeSql);
        draft.change(exception + YamlText.sql(ALTER_TYPE.formatted(table.name(), after.name(), after.type())));
        createTriggers(draft::changeSql);
        return draft;
    }

    /** @param exception a suppression above the statement, or nothing */
    private ChangesetDraft typeBack(ChangesetDraft draft, String exception) {
        dropTriggers(draft::backSql);
        draft.back(exception + YamlText.sql(ALTER_TYPE.formatted(table.name(), after.name(), before.type())));
        createTriggers(draft::backSql);
        return draft;
    }

    /**
     * Drops the triggers whose condition or column list names the column: the server refuses to change its type while
     * they exist.
     */
    private void dropTriggers(Consumer<String> sql) {
        triggers().forEach((name, definition) -> sql.accept("drop trigger %s on %s".formatted(name, table.name())));
    }

    private void createTriggers(Consumer<String> sql) {
        triggers().values().forEach(sql);
    }

    private Map<String, String> triggers() {
        Map<String, String> triggers = new TreeMap<>(table.triggers());
        triggers.values().removeIf(definition -> !definition.matches(
                "(?s).*(UPDATE OF|WHEN)\\b.*\\b%s\\b.*EXECUTE FUNCTION.*".formatted(Pattern.quote(after.name()))));
        return triggers;
    }

    private ChangesetDraft widen() {
        return typeBack(type("")
                .warn("no row is rewritten, but an application must accept longer values in %s; the rollback "
                        + "rewrites the table", place())
                .refuse(place(), "select * from %s where length(%s) > %s".formatted(table.name(), after.name(),
                        before.length().orElseThrow())),
                "# trace: allow blocking: forward rewrites no row; a rollback takes its time\n");
    }

    private ChangesetDraft changeType() {
        ChangesetDraft draft = type(REWRITTEN.matcher(after.type()).matches() ? SMALL : "");
        if (before.isWiderThan(after)) {
            draft.warn("this fails on a value of more than %s characters; the rows are found by: select * from %s "
                    + "where length(%s) > %1$s", after.length().orElseThrow(), table.name(), after.name());
        }
        return typeBack(draft
                .warn("%s has rows of type %s. This statement would rewrite the whole table while nobody can read it: "
                        + "add a second column, keep it equal by a trigger, fill it and swap them, as main/005 does; "
                        + "as it stands, it is for a small table", place(), before.type())
                .labelled(Phase.CONTRACT), "").commentedOut();
    }

    private ChangesetDraft number() {
        return new ChangesetDraft("number_" + after.plainName(), "Change how %s is numbered".formatted(place()))
                .warn("write by hand how the server numbers %s", place())
                .changeSql("TODO").backSql("TODO").commentedOut();
    }

    private ChangesetDraft changeDefault() {
        return new ChangesetDraft("change_%s_default".formatted(after.plainName()), "Change the default of " + place())
                .warn("existing rows keep their values in %s", place())
                .changeSql(setDefault(after)).backSql(setDefault(before));
    }

    private String setDefault(CatalogColumn column) {
        return "alter table %s alter column %s %s".formatted(table.name(), column.name(),
                column.defaultValue().map(value -> "set default " + value).orElse("drop default"));
    }

    private ChangesetDraft relax() {
        return new ChangesetDraft("drop_%s_not_null".formatted(after.plainName()), "Let %s be NULL".formatted(place()))
                .warn("an application must accept rows without %s", place())
                .labelled(Phase.CONTRACT)
                .changeSql("alter table %s alter column %s drop not null", table.name(), after.name())
                .back("- refuse:\n    rows: select * from %s where %s is null\n    because: %s".formatted(table.name(),
                        after.name(), YamlText.scalar("%s cannot be required again: it is NULL in %%s %%s".formatted(
                                place().replace("\"", "")))))
                .back(REQUIRING).back(ObjectDdl.require(table.name(), after.name()));
    }

    static ChangesetDraft require(JpaTable table, CatalogColumn column) {
        return new ChangesetDraft("require_" + column.plainName(),
                "Require %s.%s".formatted(table.name(), column.name()))
                .warn("an application that does not write %s.%s fails from here on, and so does this while a row has "
                        + "none: fill it above (docs/backfills.md)", table.name(), column.name())
                .labelled(Phase.CONTRACT)
                .change(REQUIRING).change(ObjectDdl.require(table.name(), column.name()))
                .backSql("alter table %s alter column %s drop not null", table.name(), column.name());
    }
}
