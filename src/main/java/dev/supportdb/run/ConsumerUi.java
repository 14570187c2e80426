package dev.supportdb.run;

import dev.supportdb.postgres.UserMessages;
import java.util.function.Consumer;
import liquibase.AbstractExtensibleObject;
import liquibase.ui.InputHandler;
import liquibase.ui.UIService;

/**
 * Passes this project's messages during a run to the caller. Drops Liquibase's own messages, since its listeners and
 * exceptions say the same better. Never prompts.
 */
final class ConsumerUi extends AbstractExtensibleObject implements UIService, UserMessages.Receiver {

    private final Consumer<String> say;

    ConsumerUi(Consumer<String> say) {
        this.say = say;
    }

    @Override
    public int getPriority() {
        return PRIORITY_NOT_APPLICABLE;
    }

    @Override
    public void receive(String line) {
        say.accept(line);
    }

    @Override
    public void sendMessage(String message) {
        // A message of Liquibase's own, which is not shown.
    }

    @Override
    public void sendErrorMessage(String message) {
        // The failure is also thrown.
    }

    @Override
    public void sendErrorMessage(String message, Throwable exception) {
        // The failure is also thrown.
    }

    @Override
    public <T> T prompt(String prompt, T valueIfNoEntry, InputHandler<T> inputHandler, Class<T> type) {
        return valueIfNoEntry;
    }

    @Override
    public void setAllowPrompt(boolean allowPrompt) {
        // Nobody can answer a prompt.
    }

    @Override
    public boolean getAllowPrompt() {
        return false;
    }
}
