package dev.supportdb.cli;

import dev.supportdb.changelog.FeatureSlice;
import java.util.List;

/** What a run is about to work on, feature by feature. */
final class Shares {

    private Shares() {
    }

    /** A line for each, the first of them behind a word. */
    static void print(String word, List<FeatureSlice> shares) {
        int width = shares.stream().mapToInt(share -> share.feature().id().length()).max().orElse(1);
        String heading = word;
        for (FeatureSlice share : shares) {
            int count = share.changeSets().size();
            System.out.printf("%-10s%-" + width + "s  %s%n", heading, share.feature().id(),
                    count == 0 ? "left out" : MigrationProgress.changesets(count));
            heading = "";
        }
    }
}
