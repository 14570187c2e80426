package dev.supportdb.cli;

import dev.supportdb.changelog.LabelFilter;
import dev.supportdb.changelog.MergeConflict;
import dev.supportdb.run.FailureKind;
import dev.supportdb.run.LiquibaseRunner;

/** The exit codes, the same for all commands. */
final class ExitCode {

    static final int DONE = 0;
    static final int REFUSED = 1;
    static final int MISUSED = 2;
    static final int RESUMABLE = 3;
    static final int ROLLED_BACK = 4;
    static final int NEEDS_PERSON = 5;

    private ExitCode() {
    }

    /** @param refused the command's code for a refusal */
    static int of(Exception failure, int refused) {
        // The database was read, and this is what a command that only reads has to report.
        if (LiquibaseRunner.isOfEdits(failure)) {
            return REFUSED;
        }
        // A command that only reads has no other code for a failure.
        if (refused == MISUSED || failure instanceof LabelFilter.Refused
                || failure instanceof MergeConflict) {
            return MISUSED;
        }
        return switch (FailureKind.of(failure)) {
            case NOT_CONNECTED -> MISUSED;
            case REFUSED -> refused;
            case RESUMABLE -> RESUMABLE;
            case ROLLED_BACK -> ROLLED_BACK;
            case UNFINISHED -> NEEDS_PERSON;
        };
    }
}
