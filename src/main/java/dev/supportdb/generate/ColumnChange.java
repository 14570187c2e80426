package dev.supportdb.generate;

import dev.supportdb.changelog.Phase;
import java.util.ArrayList;
import java.util.List;

/** What changes on a column that there is. */
final class ColumnChange {

    private static final String ALTER_TYPE = "alter table %s alter column %s type %s";
    private static final String REQUIRING = """
            # The check is validated under a lock that lets everybody read and write, and proves to "set not null"
            # that it need not look at the rows. Each statement commits by itself; all of them can be run again.""";

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
            // A value of the other type needs that first.
            drafts.add(sameType || after.isWiderThan(before) ? changeDefault() : changeDefault().commentedOut());
        }
        if (before.notNull() && !after.notNull()) {
            drafts.add(relax());
        } else if (!before.notNull() && after.notNull()) {
            requirements.add(require(table, after));
        }
    }

    List<ChangesetDraft> drafts() {
        return drafts;
    }

    /** What can run only when the rows are right. */
    List<ChangesetDraft> requirements() {
        return requirements;
    }

    private String place() {
        return table.name() + "." + after.name();
    }

    private ChangesetDraft type() {
        return new ChangesetDraft("change_%s_type".formatted(after.plainName()),
                "Change %s from %s to %s".formatted(place(), before.type(), after.type()))
                .changeSql(ALTER_TYPE, table.name(), after.name(), after.type());
    }

    private ChangesetDraft widen() {
        return type()
                .warn("no row is written, but an application must be ready for longer values in %s; the way back "
                        + "writes the table", place())
                .refuse(place(), "select * from %s where length(%s) > %s".formatted(table.name(), after.name(),
                        before.length().orElseThrow()))
                .back("# lint: allow type-change: forward writes no row; whoever goes back has to have the time")
                .backSql(ALTER_TYPE, table.name(), after.name(), before.type());
    }

    private ChangesetDraft changeType() {
        ChangesetDraft draft = type();
        if (before.isWiderThan(after)) {
            draft.warn("this fails on a value of more than %s characters; the rows are found by: select * from %s "
                    + "where length(%s) > %1$s", after.length().orElseThrow(), table.name(), after.name());
        }
        return draft
                .warn("%s has rows of type %s. This statement would write the whole table while nobody can read it: "
                        + "add a second column, keep it equal by a trigger, fill it and swap them, as main/005 does",
                        place(), before.type())
                .labelled(Phase.CONTRACT)
                .backSql(ALTER_TYPE, table.name(), after.name(), before.type()).commentedOut();
    }

    private ChangesetDraft number() {
        return new ChangesetDraft("number_" + after.plainName(), "Change how %s is numbered".formatted(place()))
                .warn("whether the server numbers %s is too much to generate", place())
                .changeSql("TODO").backSql("TODO").commentedOut();
    }

    private ChangesetDraft changeDefault() {
        return new ChangesetDraft("change_%s_default".formatted(after.plainName()), "Change the default of " + place())
                .warn("the rows there are keep what they have in %s", place())
                .changeSql(setDefault(after)).backSql(setDefault(before));
    }

    private String setDefault(CatalogColumn column) {
        return "alter table %s alter column %s %s".formatted(table.name(), column.name(),
                column.defaultValue().map(value -> "set default " + value).orElse("drop default"));
    }

    private ChangesetDraft relax() {
        return new ChangesetDraft("drop_%s_not_null".formatted(after.plainName()), "Let %s be NULL".formatted(place()))
                .warn("an application must be ready for rows without %s", place())
                .changeSql("alter table %s alter column %s drop not null", table.name(), after.name())
                .back("""
                        - refuse:
                            rows: select * from %s where %s is null
                            because: %1$s.%2$s cannot be required again, for %%s row(s) have none"""
                        .formatted(table.name(), after.name()))
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
