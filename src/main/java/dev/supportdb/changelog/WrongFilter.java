package dev.supportdb.changelog;

import liquibase.exception.CommandExecutionException;

/** Contexts or a label filter that cannot be meant: who gave them has to say something else. */
public final class WrongFilter extends CommandExecutionException {

    private static final long serialVersionUID = 1L;

    WrongFilter(String message) {
        super(message);
    }
}
