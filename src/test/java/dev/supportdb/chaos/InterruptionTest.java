package dev.supportdb.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.chaos.Report.Part;
import dev.supportdb.chaos.Report.Result;
import dev.supportdb.postgres.Sql;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken off wherever it is, a migration is completed by the same command. */
final class InterruptionTest {

    @TempDir
    private Path folder;

    private Interruptions interruptions;

    @BeforeEach
    void start() throws Exception {
        interruptions = new Interruptions(SmallCampaign.lab(), folder);
    }

    /** On a busy machine a run may be over when its connection is to be cut. The next one is not the one that was meant. */
    @Test
    void a_cut_that_comes_too_late_strikes_nobody() throws Exception {
        TestDatabase database = SmallCampaign.lab().copy();
        try (CommitCutter cutter = new CommitCutter(SmallCampaign.lab().port())) {
            Fault late = new Fault.LostReply(cutter);
            late.strike(new ProcessBuilder("true").start(), database);

            try (Connection next = late.seenBy(database).connect()) {
                next.setAutoCommit(false);
                Sql.execute(next, "select from customers for no key update");
                next.commit();
            }
            assertThat(cutter.lost()).isZero();
        }
        SmallCampaign.lab().drop(database);
    }

    /** Had something been recorded that did not happen, it would be missing in the end. */
    @Test
    void the_same_command_completes_what_was_broken_off_at_any_time() throws Exception {
        assertThat(interruptions.atAnyTime()).allMatch(result -> result.times() > 0)
                .extracting(Result::part)
                .containsExactly(Part.KILL_AT_ANY_TIME, Part.CRASH_AT_ANY_TIME, Part.TERMINATE);
    }
}
