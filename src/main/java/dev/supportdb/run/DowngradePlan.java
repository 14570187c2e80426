package dev.supportdb.run;

import dev.supportdb.changelog.FeatureSlice;
import dev.supportdb.changelog.Position;
import dev.supportdb.changelog.PositionRange;
import dev.supportdb.preflight.ChangesetSubset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import liquibase.changelog.ChangeSet;

/**
 * What brings a database back to places of the changelog, each on its branch. To make a plan undoes nothing.
 *
 * @param undone what has run behind these places, last feature first
 * @param part   all that is behind them, for a backfill that was stopped half-way has not run
 */
public record DowngradePlan(List<FeatureSlice> undone, ChangesetSubset part) {

    public static DowngradePlan to(List<Position> places, DatabaseState standing) {
        List<ChangeSet> behind = new PositionRange(standing.changelog(), places).behind();
        List<FeatureSlice> undone = new ArrayList<>(FeatureSlice.of(standing.changelog(),
                behind.stream().filter(changeSet -> standing.ran(changeSet).isPresent()).toList()));
        Collections.reverse(undone);
        return new DowngradePlan(undone, ChangesetSubset.of(FeatureSlice.of(standing.changelog(), behind)));
    }
}
