package dev.supportdb.cli;

import dev.supportdb.postgres.PrintableText;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Standard output or error, to which a command may write text of any origin: all of it arrives as
 * {@link PrintableText}. Takes UTF-8, and writes what the terminal understands.
 */
public final class TerminalOutput extends OutputStream {

    private final PrintStream terminal;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE);

    /** The first bytes of a character that is not complete yet. */
    private ByteBuffer begun = ByteBuffer.allocate(0);

    private TerminalOutput(PrintStream terminal) {
        this.terminal = terminal;
    }

    /** Installs one in front of standard output and one in front of standard error, for the rest of this process. */
    public static void install() {
        System.setOut(before(System.out));
        System.setErr(before(System.err));
    }

    /** Creates a stream in front of the terminal's own. */
    static PrintStream before(PrintStream terminal) {
        return new PrintStream(new TerminalOutput(terminal), true, StandardCharsets.UTF_8);
    }

    @Override
    public void write(int written) {
        write(new byte[] {(byte) written}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int count) {
        ByteBuffer all = ByteBuffer.allocate(begun.remaining() + count).put(begun).put(bytes, from, count).flip();
        CharBuffer characters = CharBuffer.allocate(all.remaining());
        decoder.decode(all, characters, false);
        begun = all.slice();
        terminal.print(PrintableText.of(characters.flip().toString()));
    }

    @Override
    public void flush() {
        terminal.flush();
    }
}
