package dev.supportdb.session;

import java.io.IOException;
import java.io.Writer;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.executor.Executor;
import liquibase.executor.LoggingExecutor;

/** A script for psql, written instead of run. */
final class Script extends LoggingExecutor {

    /** Liquibase says this of every custom change. Ours say the same SQL each time. */
    private static final String NOT_SO = "WARNING The following SQL may change each run";

    Script(Executor reader, Writer output, Database database) {
        super(reader, output, database);
    }

    /** psql goes on after an error unless told not to: half a migration would be recorded as a whole one. */
    void stopAtTheFirstError() throws DatabaseException {
        try {
            getOutput().write("\\set ON_ERROR_STOP on\n");
        } catch (IOException e) {
            throw new DatabaseException(e);
        }
    }

    @Override
    public void comment(String message) throws DatabaseException {
        if (!message.startsWith(NOT_SO)) {
            super.comment(message);
        }
    }
}
