package dev.supportdb.chaos;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands between a client and the server, and cuts a connection in the worst moment there is: the server has committed,
 * and the client does not get to know.
 *
 * <p>It reads the messages that pass ("Message Formats" in PostgreSQL's manual). Encryption would hide them, so the
 * client must not ask for it: {@code sslmode=disable}.
 */
final class CommitCutter implements AutoCloseable {

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int server;
    private final AtomicReference<String> wanted = new AtomicReference<>();
    private final AtomicInteger lost = new AtomicInteger();

    /** @param server the server's port on this machine */
    CommitCutter(int server) throws IOException {
        this.server = server;
        thread(this::accept);
    }

    /** The port for clients, instead of the server's own. */
    int port() {
        return door.getLocalPort();
    }

    /** The next transaction that has a statement with such text is committed, and its client does not hear of it. */
    void cut(String text) {
        wanted.set(text);
    }

    /** Lets everything pass from now on. */
    void spare() {
        wanted.set(null);
    }

    /** The number of transactions that were committed and whose reply was lost. */
    int lost() {
        return lost.get();
    }

    @Override
    public void close() throws IOException {
        door.close();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = door.accept();
            Line line = new Line(client, new Socket(InetAddress.getLoopbackAddress(), server));
            thread(line::toServer);
            thread(line::toClient);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException end) {
                // A connection or the listening socket was closed: there is nothing more to do.
            }
        }, "commit cutter");
        thread.setDaemon(true);
        thread.start();
    }

    /** A message with the byte that says what it is; the length that comes next counts itself, not that byte. */
    private record Message(byte type, byte[] rest) {

        static Message from(DataInputStream in) throws IOException {
            byte type = in.readByte();
            return new Message(type, rest(in));
        }

        static byte[] rest(DataInputStream in) throws IOException {
            int length = in.readInt();
            byte[] rest = new byte[length];
            ByteBuffer.wrap(rest).putInt(length);
            in.readFully(rest, Integer.BYTES, length - Integer.BYTES);
            return rest;
        }

        void to(OutputStream out) throws IOException {
            byte[] whole = new byte[1 + rest.length];
            whole[0] = type;
            System.arraycopy(rest, 0, whole, 1, rest.length);
            out.write(whole);
        }

        /** The texts it begins with, each with a zero at its end. */
        String text(int index) {
            return new String(rest, Integer.BYTES, rest.length - Integer.BYTES, StandardCharsets.UTF_8)
                    .split("\0", -1)[index];
        }
    }

    /** A connection of the client, and the one to the server that belongs to it. */
    private final class Line {

        private final Socket client;
        private final Socket server;
        /** The statements by name; the one without a name is the latest. */
        private final Map<String, String> statements = new HashMap<>();
        private boolean wantedSeen;
        private volatile boolean deaf;

        Line(Socket client, Socket server) throws IOException {
            this.client = client;
            this.server = server;
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        }

        void toServer() throws IOException {
            try (server) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                OutputStream out = server.getOutputStream();
                out.write(Message.rest(in));
                while (true) {
                    Message message = Message.from(in);
                    switch (message.type) {
                        case 'P' -> statements.put(message.text(0), message.text(1));
                        case 'B' -> runs(statements.get(message.text(1)));
                        case 'Q' -> runs(message.text(0));
                        default -> { }
                    }
                    message.to(out);
                }
            }
        }

        private void runs(String statement) {
            String text = wanted.get();
            wantedSeen |= text != null && statement.contains(text);
            if (statement.equalsIgnoreCase("commit")) {
                deaf = text != null && wantedSeen && wanted.compareAndSet(text, null);
                wantedSeen = false;
            }
        }

        void toClient() throws IOException {
            try (client) {
                DataInputStream in = new DataInputStream(server.getInputStream());
                OutputStream out = client.getOutputStream();
                while (true) {
                    Message message = Message.from(in);
                    if (!deaf) {
                        message.to(out);
                    } else if (message.type == 'C' && message.text(0).equals("COMMIT")) {
                        lost.incrementAndGet();
                        return;
                    }
                }
            }
        }
    }
}
