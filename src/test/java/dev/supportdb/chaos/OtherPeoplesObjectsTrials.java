package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.MigrationState;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Tests that objects of other people on tables and columns survive every run, or are named before it. The campaign
 * tries each kind by itself.
 */
final class OtherPeoplesObjectsTrials {

    private static final long SEED = 20261130;

    /** No column takes every kind: some need text, some a value in every row, some a column without a trigger of ours. */
    private static final List<String> COLUMNS = List.of("customers.email", "tickets.subject", "tickets.priority");

    @Test
    void some_of_all_kinds_survive_there_and_back_again() throws Exception {
        Random random = new Random(SEED);

        OtherPeoplesObjects.walk(random, false);
        OtherPeoplesObjects.walk(random, false);
        OtherPeoplesObjects.walk(random, true);
    }

    /** Else its loss would not be. */
    @Test
    void every_kind_is_seen_in_the_schema() throws Exception {
        List<String> unseen = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        try (SharedDatabase shared = new SharedDatabase(MigrationState.head(), null)) {
            List<String> lines = shared.lines();
            for (KindOfObject kind : KindOfObject.all()) {
                String name = "mine_" + unseen.size() + "_" + lines.size();
                boolean made = false;
                for (String column : COLUMNS) {
                    made = made || shared.make(kind.on(kind.isOfColumn() ? column : column.split("\\.")[0], name));
                }
                if (!made) {
                    refused.add(kind.title());
                }
                List<String> before = lines;
                lines = shared.lines();
                if (made && lines.equals(before)) {
                    unseen.add(kind.title());
                }
            }
        }
        assertThat(unseen).isEmpty();
        assertThat(refused).as("kinds that the server refuses on each column").isEmpty();
    }
}
