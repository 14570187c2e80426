package dev.supportdb.cli;

import dev.supportdb.review.ChangesetTrace;
import dev.supportdb.review.Finding;
import dev.supportdb.review.Judgement;
import dev.supportdb.review.LockMode;
import dev.supportdb.review.PassTrace;
import dev.supportdb.review.StatementTrace;
import dev.supportdb.review.Trace;
import dev.supportdb.review.TransactionTrace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A trace for people and for programs. */
final class TraceReport {

    /** Of a backfill, whose batches are alike, the first ones are written in full. */
    private static final int TRANSACTIONS = 20;

    private TraceReport() {
    }

    /** The verdict first, then what is to be decided, then a line for each changeset. */
    static void print(Trace trace) {
        System.out.printf("Trace     %s forward, back and forward again, on PostgreSQL %s%n",
                MigrationProgress.changesets(trace.changesets().size()), trace.server());
        System.out.println("Basis     " + trace.basis());
        trace.empty().forEach((table, why) -> System.out.printf("          %s stayed empty: %s%n", table, why));
        System.out.println("Verdict   " + verdict(trace));
        if (trace.failure() != null) {
            System.out.println("Failed    what comes after it was not looked at:\n"
                    + indent(trace.failure(), "          "));
        }
        for (ChangesetTrace changeset : trace.changesets()) {
            changeset.findings().forEach(finding -> print(changeset, finding));
        }
        System.out.println();
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("changeset", "verdict", "rows written", "forward", "back", "stops writers or readers of"));
        trace.changesets().forEach(changeset -> table.add(line(changeset)));
        Console.table(table, column -> column >= 2 && column <= 4);
    }

    private static String verdict(Trace trace) {
        Map<Judgement, Long> counts = trace.changesets().stream()
                .collect(Collectors.groupingBy(ChangesetTrace::judgement, Collectors.counting()));
        String all = Arrays.stream(Judgement.values()).filter(counts::containsKey)
                .map(judgement -> "%d %s".formatted(counts.get(judgement), inWords(judgement)))
                .collect(Collectors.joining(", "));
        long accepted = trace.changesets().stream().flatMap(changeset -> changeset.findings().stream())
                .filter(finding -> finding.accepted() != null).count();
        return (trace.toDecide() == 0 ? "" : "%d to decide: ".formatted(trace.toDecide())) + all
                + (trace.failure() == null ? "" : ", then one that could not be run")
                + (accepted == 0 ? "" : "; %d finding%s accepted".formatted(accepted, accepted == 1 ? "" : "s"));
    }

    private static String inWords(Judgement judgement) {
        return judgement.word().replace('-', ' ');
    }

    private static void print(ChangesetTrace changeset, Finding finding) {
        System.out.printf("%n%s  %s%s%n", finding.accepted() == null
                        ? inWords(finding.judgement()).toUpperCase(Locale.ROOT) : "accepted",
                changeset.changeSet().getId(), finding.back() ? ", on the way back" : "");
        System.out.println(indent(finding.reason(), "  "));
        if (finding.statement() != null) {
            System.out.println("  by: " + finding.statement());
        }
        if (finding.accepted() != null) {
            System.out.println("  because: " + finding.accepted());
        } else if (finding.instead() != null) {
            System.out.println("  instead:\n" + indent(finding.instead(), "    "));
        }
    }

    private static String indent(String text, String by) {
        return text.strip().lines().map(line -> by + line).collect(Collectors.joining("\n"));
    }

    private static List<String> line(ChangesetTrace changeset) {
        return List.of(changeset.changeSet().getId(), inWords(changeset.judgement()),
                changeset.forward().written() == 0 ? ""
                        : String.format(Locale.ROOT, "%,d", changeset.forward().written()),
                time(changeset.forward()), time(changeset.back()), locks(changeset));
    }

    private static String time(PassTrace pass) {
        return pass == null ? "" : "%,d ms".formatted(pass.time().toMillis());
    }

    private static String locks(ChangesetTrace changeset) {
        return changeset.forward().transactions().stream().flatMap(transaction -> transaction.locks().stream())
                .filter(lock -> !lock.mode().blocks().isEmpty() && changeset.inUse().contains(lock.table()))
                .collect(Collectors.toMap(lock -> lock.table().replaceFirst("^public\\.", ""),
                        lock -> lock, (one, other) -> one.held().compareTo(other.held()) >= 0 ? one : other,
                        LinkedHashMap::new))
                .entrySet().stream().map(lock -> "%s (%s, %d ms)".formatted(lock.getKey(),
                        lock.getValue().mode().toString().toLowerCase(Locale.ROOT), lock.getValue().held().toMillis()))
                .collect(Collectors.joining(", "));
    }

    static String json(Trace trace) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("server", trace.server());
        json.put("basis", trace.basis());
        json.put("empty", trace.empty());
        json.put("failure", trace.failure());
        json.put("changesets", trace.changesets().stream().map(TraceReport::json).toList());
        return Json.of(json);
    }

    private static Map<String, Object> json(ChangesetTrace changeset) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", changeset.changeSet().getId());
        json.put("file", changeset.changeSet().getFilePath());
        json.put("author", changeset.changeSet().getAuthor());
        json.put("judgement", changeset.judgement().word());
        json.put("findings", changeset.findings().stream().map(TraceReport::json).toList());
        json.put("made", changeset.made());
        json.put("gone", changeset.gone());
        json.put("forward", json(changeset.forward()));
        json.put("back", changeset.back() == null ? null : json(changeset.back()));
        return json;
    }

    private static Map<String, Object> json(Finding finding) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("judgement", finding.judgement().word());
        json.put("back", finding.back());
        json.put("reason", finding.reason());
        json.put("statement", finding.statement());
        json.put("table", finding.table());
        json.put("lock", finding.lock());
        json.put("blocks", finding.lock() == null ? null : finding.lock().blocks());
        json.put("heldMs", milliseconds(finding.held()));
        json.put("rows", finding.rows());
        json.put("instead", finding.instead());
        json.put("accepted", finding.accepted());
        return json;
    }

    private static Map<String, Object> json(PassTrace pass) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ms", milliseconds(pass.time()));
        json.put("rowsWritten", pass.written());
        json.put("rowsPerSecond", pass.time().isZero() ? null
                : Math.round(pass.written() / (pass.time().toNanos() / 1e9)));
        json.put("walBytesAbout", pass.wal());
        json.put("locks", names(pass.locks()));
        json.put("transactionCount", pass.transactions().size());
        json.put("longestTransactionMs", pass.transactions().stream().map(TransactionTrace::time)
                .max(Duration::compareTo).map(TraceReport::milliseconds).orElse(0.0));
        json.put("transactions", pass.transactions().stream().limit(TRANSACTIONS)
                .map(transaction -> transaction.statements().stream().map(TraceReport::json).toList()).toList());
        return json;
    }

    private static Map<String, Object> json(StatementTrace statement) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sql", statement.sql());
        json.put("ms", milliseconds(statement.time()));
        json.put("inTransaction", statement.inside());
        json.put("locks", names(statement.locks()));
        json.put("rowsRead", statement.read());
        json.put("rowsChanged", statement.changed());
        json.put("rowsInserted", statement.inserted());
        json.put("rewritten", statement.rewritten());
        return json;
    }

    private static Map<String, String> names(Map<String, LockMode> locks) {
        Map<String, String> names = new LinkedHashMap<>();
        locks.forEach((table, mode) -> names.put(table, mode.toString()));
        return names;
    }

    private static Double milliseconds(Duration time) {
        return time == null ? null : Math.round(time.toNanos() / 1e3) / 1e3;
    }
}
