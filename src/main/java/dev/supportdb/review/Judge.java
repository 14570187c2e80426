package dev.supportdb.review;

import dev.supportdb.changelog.Phase;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.Snapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.resource.ResourceAccessor;

/** Judges changesets by their measurements. */
record Judge(MeasuredRun run, Duration limit, ResourceAccessor files, Notation notation) {

    private static final int SHOWN_LINES = 8;

    ChangesetTrace of(MeasuredRun.Measured measured) throws IOException {
        ChangeSet changeSet = measured.changeSet();
        String name = MeasuredRun.name(changeSet);
        Snapshot before = run.proof().before(name);
        Snapshot after = run.proof().after(name);
        Set<String> own = run.madeBy(changeSet);
        Set<String> inUse = new HashSet<>(before.data().tables().keySet());
        inUse.removeIf(table -> own.contains("table " + table));
        Map<String, String> wrong = run.proof().wrong(name);
        boolean backfill = Tracer.isBackfill(changeSet);
        SafeForm safe = new SafeForm(Difference.between(before.schema(), after.schema()), measured.indexes(), notation);

        List<Finding> findings = new ArrayList<>(
                locks(measured.forward(), false, before, own, backfill));
        if (measured.back() != null) {
            findings.addAll(locks(measured.back(), true, after, own, backfill));
        }
        findings.replaceAll(safe::of);
        LossFindings losses = new LossFindings(before, after, run.everMadeBy(changeSet),
                Phase.of(changeSet).contains(Phase.CONTRACT),
                measured.back() != null && wrong.isEmpty() && measured.notBack() == null,
                measured.forward().sql(), notation);
        findings.addAll(losses.all());
        wrong.forEach((what, difference) -> findings.add(Finding.of(Judgement.NOT_PROVEN_BACK, true,
                Character.toUpperCase(what.charAt(0)) + what.substring(1) + ":\n" + shown(difference), null)));
        if (measured.notBack() != null) {
            findings.add(Finding.of(Judgement.NOT_PROVEN_BACK, true, measured.notBack(), null));
        }
        if (measured.notAgain() != null) {
            findings.add(Finding.of(Judgement.UNSAFE_TO_RUN_AGAIN, false, "After a failure the next run repeats all of "
                    + "it, and that fails: " + shown(measured.notAgain()), null));
        }
        if (changeSet.isRunInTransaction()) {
            findings.addAll(ended(measured.forward(), false));
            findings.addAll(ended(measured.back(), true));
        }
        findings.sort(Comparator.comparing(Finding::judgement));
        Map<String, String> accepted = AcceptedFindings.of(changeSet, files);
        findings.replaceAll(finding -> finding.accepted(accepted.get(finding.judgement().word())));
        return new ChangesetTrace(changeSet, inUse, measured.forward(), measured.back(), losses.made(), losses.gone(),
                findings, null);
    }

    /** Finds a changeset that ends its own transaction. */
    private static List<Finding> ended(PassTrace pass, boolean back) {
        return pass == null ? List.of() : pass.transactions().stream()
                .flatMap(transaction -> transaction.statements().stream()).filter(StatementTrace::ended)
                .map(statement -> Finding.of(Judgement.UNSAFE_TO_RUN_AGAIN, back, "It ended the transaction of its "
                        + "changeset: a failure after it leaves a part, which the next run does not expect.",
                        statement.brief()).instead("# without begin and commit, or with runInTransaction: false\n"))
                .toList();
    }

    private List<Finding> locks(PassTrace pass, boolean back, Snapshot state, Set<String> own, boolean backfill) {
        Map<String, Long> rows = new HashMap<>();
        state.data().tables().forEach((table, digest) -> rows.put(table, digest.count()));
        Set<String> tables = own.stream().filter(object -> object.startsWith("table "))
                .map(object -> object.substring("table ".length())).collect(Collectors.toSet());
        return new LockFindings(pass, back, rows, tables, backfill, limit).all();
    }

    /**
     * The text to show. For rows of a database in use, only the names of differing objects, since a definition may
     * contain a value.
     */
    private String shown(String text) {
        List<String> lines = text.strip().lines().filter(line -> !run.isCopy() || !line.startsWith(" ")).toList();
        return String.join("\n", lines.size() <= SHOWN_LINES ? lines : lines.subList(0, SHOWN_LINES));
    }
}
