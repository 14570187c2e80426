package dev.supportdb.review.pack;

import dev.supportdb.review.Forecast;
import dev.supportdb.review.PassTrace;
import dev.supportdb.review.TraceJson;
import dev.supportdb.review.TransactionTrace.Lock;
import java.util.LinkedHashMap;
import java.util.Map;

/** The review as JSON. The names are stable; docs/review.md lists them. */
final class ReviewJson {

    /** The version of the format, increased if a name is removed or changes its meaning, not if one is added. */
    private static final int VERSION = 1;

    private ReviewJson() {
    }

    static Map<String, Object> of(ReviewPage page) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", VERSION);
        json.put("subject", page.review().subject());
        json.put("command", page.review().command());
        json.put("measured", page.now().toString());
        json.put("server", page.trace().server());
        json.put("basis", page.trace().basis());
        json.put("copied", page.review().rows() == Review.Rows.COPIED);
        json.put("good", page.isGood());
        json.put("verdict", page.verdict());
        json.put("toDecide", page.trace().toDecide());
        json.put("note", page.review().note());
        json.put("failure", page.trace().failure());
        json.put("blocking", page.isBlocking());
        json.put("rollbackProven", page.review().wayBack() && page.isMeasured() ? page.isProvenBack() : null);
        json.put("worstLock", page.worst().map(ReviewJson::of).orElse(null));
        json.put("ms", TraceJson.milliseconds(page.timeHere()));
        json.put("expected", page.timeThere().map(range -> {
            Map<String, Object> expected = TraceJson.of(range);
            expected.put("basis", page.forecasts().get(0).basis());
            return expected;
        }).orElse(null));
        json.put("empty", page.trace().empty().keySet());
        json.put("changesets", page.changesets().stream().map(changeset -> of(page, changeset)).toList());
        json.put("checklists", page.checklists().stream().map(ReviewJson::of).toList());
        return json;
    }

    private static Map<String, Object> of(ReviewPage page, ChangesetView changeset) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("number", changeset.number());
        json.put("id", changeset.id());
        json.put("file", changeset.feature().path());
        json.put("feature", changeset.feature().id());
        json.put("branch", changeset.feature().branch());
        json.put("needs", page.needs(changeset));
        json.put("phase", changeset.phase());
        json.put("why", changeset.why());
        json.put("inTransaction", changeset.trace().changeSet().isRunInTransaction());
        json.put("judgement", changeset.trace().judgement().word());
        json.put("findings", changeset.trace().findings().stream().map(TraceJson::of).toList());
        json.put("locks", changeset.locks().stream().map(ReviewJson::of).toList());
        json.put("forward", of(changeset.trace().forward()));
        json.put("back", changeset.trace().back() == null ? null : of(changeset.trace().back()));
        json.put("expected", changeset.trace().forecast() == null ? null : of(changeset.trace().forecast()));
        json.put("made", changeset.trace().made());
        json.put("gone", changeset.trace().gone());
        json.put("sql", changeset.forward().sql());
        json.put("rollbackSql", changeset.back().sql());
        return json;
    }

    private static Map<String, Object> of(Lock lock) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("table", lock.table());
        json.put("mode", lock.mode());
        json.put("stops", lock.mode().blocks());
        json.put("ms", TraceJson.milliseconds(lock.held()));
        return json;
    }

    private static Map<String, Object> of(PassTrace pass) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ms", TraceJson.milliseconds(pass.time()));
        json.put("transactions", pass.transactions().size());
        json.put("rowsWritten", pass.written());
        json.put("walBytes", pass.wal());
        return json;
    }

    private static Map<String, Object> of(Forecast forecast) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("forward", TraceJson.of(forecast.forward()));
        json.put("back", TraceJson.of(forecast.back()));
        json.put("lock", TraceJson.of(forecast.lock()));
        return json;
    }

    private static Map<String, Object> of(Checklist list) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("title", list.title());
        json.put("items", list.items().stream().map(item -> {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("text", item.text());
            one.put("done", item.done());
            one.put("known", item.known());
            return one;
        }).toList());
        return json;
    }
}
