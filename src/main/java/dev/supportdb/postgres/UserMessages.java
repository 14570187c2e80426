package dev.supportdb.postgres;

import java.util.function.Consumer;
import liquibase.Scope;
import liquibase.ui.UIService;

/** Lines to whoever runs Liquibase. Names in them come from a database, so they are made printable. */
public final class UserMessages {

    private UserMessages() {
    }

    /** Receives lines for the user of this thread's scope; other threads may use it, too. */
    public static Consumer<String> ofScope() {
        UIService ui = Scope.getCurrentScope().getUI();
        return line -> ui.sendMessage(PrintableText.of(line));
    }
}
