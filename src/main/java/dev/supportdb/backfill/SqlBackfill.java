package dev.supportdb.backfill;

import dev.supportdb.objects.ColumnReplacement;
import dev.supportdb.postgres.SqlLexer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.CheckSum;
import liquibase.change.custom.CustomChangeChecksum;

/**
 * A backfill written in SQL alone: the parameters of the custom change are the parts of its {@link BackfillPlan}.
 *
 * <p>{@code name} and {@code table} are required. {@code pending} and {@code fill}, {@code filled} and {@code undo}
 * are the two directions; {@code prepare}, {@code finish}, {@code undoPrepare} and {@code undoFinish} stand around
 * them. {@code replaces}, after {@code prepare}, and {@code undoReplaces}, after {@code undoFinish}, are a
 * {@link ColumnReplacement} in the same transaction. See {@link BackfillSteps} for what each may hold. With
 * {@code undoNewRows: true} the undo also reaches the rows made since the fill.
 *
 * <p>A long statement may stand in a file of its own, named by {@code fillFile} or {@code undoFile} as Liquibase finds
 * its files, from the root of the changelog. It is part of the changeset's checksum, as the parameters are.
 */
public final class SqlBackfill extends Backfill implements CustomChangeChecksum {

    private static final String BYTE_ORDER_MARK = "^\\uFEFF";

    private String name;
    private String table;
    private String prepare;
    private String pending;
    private String fill;
    private String fillFile;
    private String finish;
    private String undoPrepare;
    private String filled;
    private String undo;
    private String undoFile;
    private String undoFinish;
    private String undoNewRows;
    private String replaces;
    private String undoReplaces;

    /** The plan of these parameters; null before it is first asked for. */
    private BackfillPlan plan;
    private List<String> planned;

    /** Keeps the plan: each check of a run asks for it, and the SQL of a replacement is long. */
    @Override
    protected BackfillPlan plan() {
        // Liquibase sets the parameters again before each use.
        List<String> parameters = Arrays.asList(name, table, prepare, pending, fill, fillFile, finish, undoPrepare, filled,
                undo, undoFile, undoFinish, undoNewRows, replaces, undoReplaces);
        if (!parameters.equals(planned)) {
            plan = read();
            planned = parameters;
        }
        return plan;
    }

    private BackfillPlan read() {
        return new BackfillPlan(name, table,
                new BackfillSteps(with(prepare, replaces), pending, statement("fill", fill, fillFile), finish),
                new BackfillSteps(undoPrepare, filled, statement("undo", undo, undoFile),
                        with(undoFinish, undoReplaces)),
                undoesNewRows());
    }

    private static String with(String script, String replacement) {
        return replacement == null ? script
                : (script == null ? "" : SqlLexer.withoutEnd(script) + ";\n")
                        + ColumnReplacement.parse(replacement).sql();
    }

    @Override
    public Optional<ColumnReplacement> replacement(boolean fill) {
        return Optional.ofNullable(fill ? replaces : undoReplaces).map(ColumnReplacement::parse);
    }

    /** Ignores the line endings of the files, which may have been checked out on another system. */
    @Override
    public CheckSum generateChecksum() {
        String text;
        try {
            // The checksum of a replacement covers what it does, not how.
            BackfillPlan plan = plan();
            BackfillSteps fills = new BackfillSteps(prepare, pending, plan.fill().statement(), finish);
            BackfillSteps undoes = new BackfillSteps(undoPrepare, filled, plan.undo().statement(), undoFinish);
            text = String.join("\n;\n", plan.name(), plan.table(), parts(fills), parts(undoes),
                    String.valueOf(plan.undoNewRows()))
                    + (replaces == null && undoReplaces == null ? "" : "\n;\n" + replaces + "\n;\n" + undoReplaces);
        } catch (IllegalArgumentException e) {
            // An invalid backfill is refused before it runs, so any text is fine here.
            text = e.getMessage();
        }
        return CheckSum.compute(text.replace("\r\n", "\n"));
    }

    private static String parts(BackfillSteps pass) {
        return Stream.of(pass.prepare(), pass.pending(), pass.statement(), pass.finish())
                .map(String::valueOf).collect(Collectors.joining("\n;\n"));
    }

    private boolean undoesNewRows() {
        if (undoNewRows != null && !undoNewRows.equals("true")) {
            throw new IllegalArgumentException(
                    "'undoNewRows' of backfill '%s' must be true or left out, not '%s'".formatted(name, undoNewRows));
        }
        return undoNewRows != null;
    }

    private String statement(String param, String inline, String file) {
        if (file == null) {
            return inline;
        }
        if (inline != null) {
            throw new IllegalArgumentException(
                    "backfill '%s' has both '%s' and '%sFile': remove one".formatted(name, param, param));
        }
        try (InputStream text = Scope.getCurrentScope().getResourceAccessor().getExisting(file).openInputStream()) {
            String sql = new String(text.readAllBytes(), StandardCharsets.UTF_8).replaceFirst(BYTE_ORDER_MARK, "");
            if (SqlLexer.statements(sql) == 0) {
                throw new IllegalArgumentException(
                        "'%sFile' of backfill '%s' contains no statement: %s".formatted(param, name, file));
            }
            return sql;
        } catch (IOException e) {
            throw new IllegalArgumentException("'%sFile' of backfill '%s' cannot be read: %s"
                    .formatted(param, name, e.getMessage()), e);
        }
    }

    public void setName(String name) {
        this.name = name;
    }

    public void setTable(String table) {
        this.table = table;
    }

    public void setPrepare(String prepare) {
        this.prepare = prepare;
    }

    public void setPending(String pending) {
        this.pending = pending;
    }

    public void setFill(String fill) {
        this.fill = fill;
    }

    public void setFillFile(String fillFile) {
        this.fillFile = fillFile;
    }

    public void setFinish(String finish) {
        this.finish = finish;
    }

    public void setUndoPrepare(String undoPrepare) {
        this.undoPrepare = undoPrepare;
    }

    public void setFilled(String filled) {
        this.filled = filled;
    }

    public void setUndo(String undo) {
        this.undo = undo;
    }

    public void setUndoFile(String undoFile) {
        this.undoFile = undoFile;
    }

    public void setUndoFinish(String undoFinish) {
        this.undoFinish = undoFinish;
    }

    public void setReplaces(String replaces) {
        this.replaces = replaces;
    }

    public void setUndoReplaces(String undoReplaces) {
        this.undoReplaces = undoReplaces;
    }

    public void setUndoNewRows(String undoNewRows) {
        this.undoNewRows = undoNewRows;
    }

    /** The keys of a changeset that moves rows of a table in batches, as YAML with {@code <…>} to fill in. */
    public static String changeset(String table) {
        return """
                labels: backfill
                runInTransaction: false
                changes:
                  - customChange:
                      class: dev.supportdb.backfill.SqlBackfill
                      params:
                        - param: {name: name, value: <name>}
                        - param: {name: table, value: %1$s}
                        - param: {name: pending, value: <column> is null}
                        - param: {name: fill, value: "update %1$s set <column> = <value> where id = any(:keys)"}
                        - param: {name: filled, value: <column> is not null}
                        - param: {name: undo, value: "update %1$s set <column> = null where id = any(:keys)"}
                """.formatted(table);
    }
}
