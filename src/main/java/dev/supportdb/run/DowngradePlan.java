package dev.supportdb.run;

import dev.supportdb.changelog.Place;
import dev.supportdb.changelog.Reach;
import dev.supportdb.changelog.Share;
import dev.supportdb.preflight.Part;
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
public record DowngradePlan(List<Share> undone, Part part) {

    public static DowngradePlan to(List<Place> places, Standing standing) {
        List<ChangeSet> behind = new Reach(standing.changelog(), places).behind();
        List<Share> undone = new ArrayList<>(Share.of(standing.changelog(),
                behind.stream().filter(changeSet -> standing.ran(changeSet).isPresent()).toList()));
        Collections.reverse(undone);
        return new DowngradePlan(undone, Part.of(Share.of(standing.changelog(), behind)));
    }
}
