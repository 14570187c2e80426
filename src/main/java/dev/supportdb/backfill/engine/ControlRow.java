package dev.supportdb.backfill.engine;

import java.time.Duration;

/**
 * What the row of a backfill in the table {@code backfills} says it should do; null where it leaves that to the run.
 *
 * @param wanted  run, pause or cancel
 * @param target  in milliseconds
 */
record ControlRow(String wanted, Integer workers, Integer target, Double rest) {

    boolean isPause() {
        return wanted.equals("pause");
    }

    boolean isCancel() {
        return wanted.equals("cancel");
    }

    int workers(BackfillSettings pace) {
        return workers == null ? pace.workers() : workers;
    }

    Duration target(BackfillSettings pace) {
        return target == null ? pace.target() : Duration.ofMillis(target);
    }

    double rest(BackfillSettings pace) {
        return rest == null ? pace.rest() : rest;
    }
}
