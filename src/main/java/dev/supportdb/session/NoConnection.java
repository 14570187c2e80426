package dev.supportdb.session;

import liquibase.exception.DatabaseException;

/** No connection to work on; nothing has been done. */
public final class NoConnection extends DatabaseException {

    private static final long serialVersionUID = 1L;

    NoConnection(String message) {
        super(message);
    }

    NoConnection(String message, Throwable cause) {
        super(message, cause);
    }
}
