package dev.supportdb.run;

import java.util.function.Consumer;
import liquibase.AbstractExtensibleObject;
import liquibase.ui.InputHandler;
import liquibase.ui.UIService;

/** Hands what Liquibase would print to whoever runs it. Nobody is asked anything. */
final class ConsumerUi extends AbstractExtensibleObject implements UIService {

    private final Consumer<String> say;

    ConsumerUi(Consumer<String> say) {
        this.say = say;
    }

    @Override
    public int getPriority() {
        return PRIORITY_NOT_APPLICABLE;
    }

    @Override
    public void sendMessage(String message) {
        say.accept(message);
    }

    @Override
    public void sendErrorMessage(String message) {
        say.accept(message);
    }

    @Override
    public void sendErrorMessage(String message, Throwable exception) {
        say.accept(message);
    }

    @Override
    public <T> T prompt(String prompt, T valueIfNoEntry, InputHandler<T> inputHandler, Class<T> type) {
        return valueIfNoEntry;
    }

    @Override
    public void setAllowPrompt(boolean allowPrompt) {
        // There is nobody to prompt.
    }

    @Override
    public boolean getAllowPrompt() {
        return false;
    }
}
