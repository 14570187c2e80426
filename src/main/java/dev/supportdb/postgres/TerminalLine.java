package dev.supportdb.postgres;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.function.Consumer;

/**
 * One line of the terminal, which is overwritten by each update and cleared when closed. It bypasses
 * {@code System.out}, which some versions of Maven redirect to their log.
 */
public final class TerminalLine implements AutoCloseable {

    /**
     * Overwrites the line: cut off at the margin, since a wrapped line cannot be overwritten, then erases the rest of
     * the old line.
     */
    private static final String OVER = "\r\033[?7l%s\033[K\033[?7h";

    private final PrintStream terminal;
    private boolean shown;

    public TerminalLine() {
        this(new PrintStream(new FileOutputStream(FileDescriptor.out), true));
    }

    TerminalLine(PrintStream terminal) {
        this.terminal = terminal;
    }

    /** Returns whether standard output is a terminal; checked once per process. */
    public static boolean isThere() {
        return Terminal.IS_THERE;
    }

    /** Shows a line in place of the one before. */
    public synchronized void show(String line) {
        write(line);
        shown = true;
    }

    /** Returns a receiver for permanent lines, which clears this line before each. */
    public Consumer<String> before(Consumer<String> say) {
        return line -> {
            synchronized (this) {
                close();
                say.accept(line);
            }
        };
    }

    @Override
    public synchronized void close() {
        if (shown) {
            write("");
            shown = false;
        }
    }

    private void write(String line) {
        terminal.print(OVER.formatted(PrintableText.line(line)));
        terminal.flush();
    }

    /**
     * Asks the system, because the JVM cannot tell: {@code System.console()} exists only if standard input is a
     * terminal too, and in JDK 22 to 24 even without a terminal (JDK-8361911). A build server may offer a terminal that
     * nobody sees; it sets CI.
     */
    private static final class Terminal {

        private static final boolean IS_THERE =
                System.getenv("CI") == null && !"dumb".equals(System.getenv("TERM")) && isOutput();

        private static boolean isOutput() {
            try {
                return new ProcessBuilder("test", "-t", "1").inheritIO().start().waitFor() == 0;
            } catch (IOException e) {
                // The system has no command "test".
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
