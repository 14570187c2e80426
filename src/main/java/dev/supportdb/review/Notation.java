package dev.supportdb.review;

import dev.supportdb.backfill.SqlBackfill;
import dev.supportdb.changelog.SafeChange;
import java.util.List;

/** The language of a safe form: the same as that of the measured change, so that it can be pasted there. */
enum Notation {

    /** A changelog in YAML. */
    YAML {
        @Override
        String note(String text) {
            return "# " + text + "\n";
        }

        @Override
        String contract() {
            return "labels: contract\n";
        }

        @Override
        String outsideTransaction(List<String> statements) {
            return SafeChange.outsideTransaction(statements);
        }

        @Override
        String addColumn(String table, String column, String type) {
            return SafeChange.addColumn(table, column, type);
        }

        @Override
        String replaceColumn(String table, String column, String type) {
            return SafeChange.replaceColumn(table, column, type);
        }

        @Override
        String backfill(String table) {
            return SqlBackfill.changeset(table);
        }
    },

    /** SQL that another tool runs. */
    SQL {
        @Override
        String note(String text) {
            return "-- " + text + "\n";
        }

        @Override
        String contract() {
            return note("in a later migration, once the old application is gone");
        }

        @Override
        String outsideTransaction(List<String> statements) {
            return note("outside a transaction: each commits by itself") + String.join(";\n", statements) + ";\n";
        }

        @Override
        String addColumn(String table, String column, String type) {
            return "alter table %s add column %s %s;\n".formatted(table, column, type)
                    + note("then its default, for new rows; then the others in batches");
        }

        @Override
        String replaceColumn(String table, String column, String type) {
            return "alter table %s add column %s %s;\n".formatted(table, SafeChange.replacing(column), type)
                    + note("kept equal by a trigger, filled in batches; gets the name once the old application "
                            + "is gone");
        }

        @Override
        String backfill(String table) {
            return note("repeat, each time in its own transaction, until it writes no row") + """
                    update %1$s set <column> = <value> where ctid = any (array(
                        select ctid from %1$s where <column> is null limit 1000 for update skip locked));
                    """.formatted(table);
        }
    };

    /** A comment in place of a safe form. */
    abstract String note(String text);

    /** The form for a change that must wait for the end of the old application. */
    abstract String contract();

    /** Statements that commit one by one. */
    abstract String outsideTransaction(List<String> statements);

    /** Adds a column without writing rows. */
    abstract String addColumn(String table, String column, String type);

    /** Adds a column of another type beside the old one. */
    abstract String replaceColumn(String table, String column, String type);

    /** Writes rows in batches. */
    abstract String backfill(String table);
}
