package dev.supportdb.review;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a trace as JSON, for programs. */
public final class TraceJson {

    /** The number of batches of a backfill that are written in full, because they are alike. */
    private static final int TRANSACTIONS = 20;

    private TraceJson() {
    }

    /** Returns a whole trace. */
    public static Map<String, Object> of(Trace trace) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("server", trace.server());
        json.put("basis", trace.basis());
        json.put("empty", trace.empty());
        json.put("failure", trace.failure());
        json.put("changesets", trace.changesets().stream().map(TraceJson::of).toList());
        return json;
    }

    private static Map<String, Object> of(ChangesetTrace changeset) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", changeset.changeSet().getId());
        json.put("file", changeset.changeSet().getFilePath());
        json.put("author", changeset.changeSet().getAuthor());
        json.put("judgement", changeset.judgement().word());
        json.put("findings", changeset.findings().stream().map(TraceJson::of).toList());
        json.put("made", changeset.made());
        json.put("gone", changeset.gone());
        json.put("forward", of(changeset.forward()));
        json.put("back", changeset.back() == null ? null : of(changeset.back()));
        json.put("forecast", changeset.forecast() == null ? null : of(changeset.forecast()));
        return json;
    }

    /** Returns a finding, with the same names in a trace and in a review. */
    public static Map<String, Object> of(Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("judgement", finding.judgement().word());
        json.put("back", finding.back());
        json.put("reason", finding.reason());
        json.put("statement", finding.statement());
        json.put("table", finding.table());
        json.put("mode", finding.lock());
        json.put("stops", finding.lock() == null ? null : finding.lock().blocks());
        json.put("ms", milliseconds(finding.held()));
        json.put("rows", finding.rows());
        json.put("instead", finding.instead());
        json.put("accepted", finding.accepted());
        return json;
    }

    private static Map<String, Object> of(PassTrace pass) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ms", milliseconds(pass.time()));
        json.put("rowsWritten", pass.written());
        json.put("rowsPerSecond", pass.time().isZero() ? null : pass.rate());
        json.put("walBytes", pass.wal());
        json.put("walExact", pass.walExact());
        json.put("backfill", pass.backfill() == null ? null : of(pass.backfill()));
        json.put("locks", names(pass.locks()));
        json.put("transactionCount", pass.transactions().size());
        json.put("longestTransactionMs", pass.transactions().stream().map(TransactionTrace::time)
                .max(Duration::compareTo).map(TraceJson::milliseconds).orElse(0.0));
        json.put("transactions", pass.transactions().stream().limit(TRANSACTIONS)
                .map(transaction -> transaction.statements().stream().map(TraceJson::of).toList()).toList());
        return json;
    }

    private static Map<String, Object> of(StatementTrace statement) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sql", statement.sql());
        json.put("ms", milliseconds(statement.time()));
        json.put("inTransaction", statement.inside());
        json.put("locks", names(statement.locks()));
        json.put("rowsRead", statement.read());
        json.put("pagesRead", statement.pages());
        json.put("rowsChanged", statement.changed());
        json.put("rowsInserted", statement.inserted());
        json.put("rewritten", statement.rewritten());
        json.put("indexBytes", statement.built());
        json.put("settings", statement.settings());
        json.put("beginsTransaction", statement.begun());
        json.put("endsTransaction", statement.ended());
        json.put("walBytesOfServer", statement.wal());
        return json;
    }

    private static Map<String, Object> of(BackfillTrace backfill) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rows", backfill.rows());
        json.put("batches", backfill.batches());
        json.put("keys", backfill.range());
        json.put("medianBatchMs", milliseconds(backfill.median()));
        json.put("longestBatchMs", milliseconds(backfill.longest()));
        json.put("plan", backfill.plan());
        return json;
    }

    private static Map<String, Object> of(Forecast forecast) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("forward", of(forecast.forward()));
        json.put("back", of(forecast.back()));
        json.put("lock", of(forecast.lock()));
        json.put("basis", forecast.basis());
        return json;
    }

    /** Returns a range of times; null for null. */
    public static Map<String, Object> of(Forecast.Range range) {
        if (range == null) {
            return null;
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("lowMs", milliseconds(range.low()));
        json.put("likelyMs", milliseconds(range.likely()));
        json.put("highMs", milliseconds(range.high()));
        return json;
    }

    private static Map<String, String> names(Map<String, LockMode> locks) {
        Map<String, String> names = new LinkedHashMap<>();
        locks.forEach((table, mode) -> names.put(table, mode.toString()));
        return names;
    }

    /** Returns milliseconds with three decimal places; null for null. */
    public static Double milliseconds(Duration time) {
        return time == null ? null : Math.round(time.toNanos() / 1e3) / 1e3;
    }
}
