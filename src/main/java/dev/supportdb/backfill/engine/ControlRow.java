package dev.supportdb.backfill.engine;

import java.time.Duration;

/**
 * The requests in the row of a backfill in the table {@code backfills}; null if the settings of the run apply.
 *
 * @param requestedState run, pause or cancel
 * @param batchTime      in milliseconds
 */
record ControlRow(String requestedState, Integer workers, Integer batchTime, Double restRatio) {

    boolean isPause() {
        return requestedState.equals("pause");
    }

    boolean isCancel() {
        return requestedState.equals("cancel");
    }

    int workers(BackfillSettings settings) {
        return workers == null ? settings.workers() : workers;
    }

    Duration batchTime(BackfillSettings settings) {
        return batchTime == null ? settings.batchTime() : Duration.ofMillis(batchTime);
    }

    double restRatio(BackfillSettings settings) {
        return restRatio == null ? settings.restRatio() : restRatio;
    }
}
