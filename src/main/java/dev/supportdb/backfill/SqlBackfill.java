package dev.supportdb.backfill;

/**
 * A backfill that SQL alone can say: the parameters of the custom change are the parts of its {@link Plan}.
 *
 * <p>{@code name} and {@code table} are required. {@code pending} and {@code fill}, {@code filled} and {@code undo}
 * are the two directions; {@code prepare}, {@code finish}, {@code undoPrepare} and {@code undoFinish} stand around
 * them. See {@link Pass} for what each may hold.
 */
public final class SqlBackfill extends Backfill {

    private String name;
    private String table;
    private String prepare;
    private String pending;
    private String fill;
    private String finish;
    private String undoPrepare;
    private String filled;
    private String undo;
    private String undoFinish;

    @Override
    protected Plan plan() {
        return new Plan(name, table,
                new Pass(prepare, pending, fill, finish),
                new Pass(undoPrepare, filled, undo, undoFinish));
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

    public void setUndoFinish(String undoFinish) {
        this.undoFinish = undoFinish;
    }
}
