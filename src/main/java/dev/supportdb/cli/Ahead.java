package dev.supportdb.cli;

import dev.supportdb.run.DatabaseState;
import java.util.List;
import liquibase.changelog.RanChangeSet;

/** Of a database in which more has run than the files have: they are of another branch, or older. */
final class Ahead {

    private Ahead() {
    }

    static void say(DatabaseState standing) {
        List<RanChangeSet> unknown = standing.unknown();
        if (!unknown.isEmpty()) {
            System.out.println("The database is ahead of these files: they do not have %d of its changesets, such as %s"
                    .formatted(unknown.size(), unknown.get(unknown.size() - 1).getId()));
        }
    }
}
