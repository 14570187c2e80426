package dev.supportdb.postgres;

import java.util.function.Consumer;
import liquibase.Scope;
import liquibase.ui.UIService;

/** Prints lines for the user of Liquibase. Names in them come from a database, so they are made printable. */
public final class UserMessages {

    /** Receives these lines separately from Liquibase's own. */
    public interface Receiver {

        /** @param line printable text */
        void receive(String line);
    }

    private UserMessages() {
    }

    /** Returns a receiver of lines for the user of this thread's scope; other threads may use it, too. */
    public static Consumer<String> ofScope() {
        UIService ui = Scope.getCurrentScope().getUI();
        Consumer<String> say = ui instanceof Receiver own ? own::receive : ui::sendMessage;
        return line -> say.accept(PrintableText.of(line));
    }
}
