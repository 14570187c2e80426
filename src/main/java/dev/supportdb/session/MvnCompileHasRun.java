package dev.supportdb.session;

import liquibase.database.Database;
import liquibase.exception.CustomPreconditionFailedException;
import liquibase.precondition.CustomPrecondition;

/**
 * Checks, as the first precondition of both changelogs, that Liquibase has this project's compiled classes. Without
 * them the goals would run on stock Liquibase, with no lock timeout, no checks and another lock, until they reach the
 * first backfill. Liquibase then says that it cannot open this class, so its name says what to do.
 */
public final class MvnCompileHasRun implements CustomPrecondition {

    @Override
    public void check(Database database) throws CustomPreconditionFailedException {
        if (!(database instanceof SupportDatabase)) {
            throw new CustomPreconditionFailedException("Not a session of support-db but " + database.getClass());
        }
    }
}
