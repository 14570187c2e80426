package dev.supportdb.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * An application at work, from the moment this is made until it is closed: half of its operations read a ticket with
 * its comments, three of ten change the status of one, two of ten write a comment.
 *
 * <p>Users come when they come, whether or not those before them were served: arrivals are drawn at a rate, and the
 * latency of an operation counts from its arrival, also while all connections are busy. A loop that sends the next
 * operation when the last one has returned would hardly notice a stall.
 */
final class ApplicationLoad implements AutoCloseable {

    static final String APPLICATION = "bench application";

    private static final int CONNECTIONS = 16;

    private enum Kind { READ, UPDATE, INSERT }

    /** @param at when, by {@link System#nanoTime} */
    private record Arrival(long at, Kind kind, long ticket, int number) {}

    private record Operation(long arrival, long latency, boolean failed) {}

    /**
     * A request that was answered.
     *
     * @param at      seconds from the beginning of the time asked for to its arrival
     * @param latency milliseconds from its arrival to the answer
     */
    record Request(double at, double latency) {}

    private final BenchDatabase database;
    private final long tickets;
    private final double rate;
    private final Random random;
    private final List<Thread> connections = new ArrayList<>();
    private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    /** The same moment on the server's clock and on ours. */
    private final Instant serverStart;
    private final long start;

    private long nextArrival;
    private volatile boolean stopping;

    /**
     * @param tickets how many there are, with keys as {@link StartingState} gives them
     * @param rate operations a second
     */
    ApplicationLoad(BenchDatabase database, long tickets, double rate, long seed) throws SQLException {
        this.database = database;
        this.tickets = tickets;
        this.rate = rate;
        this.random = new Random(seed);
        try (Connection connection = database.connect(APPLICATION)) {
            this.serverStart = BenchDatabase.clock(connection);
            this.start = System.nanoTime();
        }
        this.nextArrival = start;
        for (int i = 0; i < CONNECTIONS; i++) {
            connections.add(new Thread(this::serve, APPLICATION + " " + i));
        }
        connections.forEach(Thread::start);
    }

    /** The latencies of the users who arrived between two moments on the server's clock. */
    Latencies between(Instant from, Instant to) {
        List<Operation> some = arrivedBetween(ours(from), ours(to)).toList();
        return Latencies.of(some.stream().mapToDouble(operation -> operation.latency / 1e6).toArray(),
                some.stream().filter(Operation::failed).count());
    }

    /** All requests that arrived between two moments on the server's clock, in no order. */
    List<Request> requests(Instant from, Instant to) {
        long first = ours(from);
        return arrivedBetween(first, ours(to))
                .map(operation -> new Request((operation.arrival - first) / 1e9, operation.latency / 1e6))
                .toList();
    }

    private Stream<Operation> arrivedBetween(long first, long last) {
        return operations.stream().filter(operation -> operation.arrival >= first && operation.arrival < last);
    }

    /** Some of the failures. */
    Stream<String> failures() {
        return failures.stream().distinct().limit(5);
    }

    private long ours(Instant server) {
        return start + Duration.between(serverStart, server).toNanos();
    }

    /** Stops new arrivals, and serves those that have arrived. */
    @Override
    public void close() {
        stopping = true;
        for (Thread connection : connections) {
            try {
                connection.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private synchronized Arrival arrival() {
        nextArrival += (long) (-Math.log(1 - random.nextDouble()) / rate * 1e9);
        double drawn = random.nextDouble();
        Kind kind = drawn < 0.5 ? Kind.READ : drawn < 0.8 ? Kind.UPDATE : Kind.INSERT;
        long number = 1 + random.nextLong(tickets);
        return new Arrival(nextArrival, kind, number + (number - 1) / 6, random.nextInt(1_000_000));
    }

    private void serve() {
        try (Connection connection = database.connect(APPLICATION);
                Statements statements = new Statements(connection)) {
            while (!stopping) {
                Arrival arrival = arrival();
                while (System.nanoTime() < arrival.at) {
                    LockSupport.parkNanos(arrival.at - System.nanoTime());
                }
                boolean failed = false;
                try {
                    statements.run(arrival);
                } catch (SQLException e) {
                    failed = true;
                    failures.add(e.getMessage());
                }
                operations.add(new Operation(arrival.at, System.nanoTime() - arrival.at, failed));
            }
        } catch (SQLException e) {
            failures.add(e.getMessage());
        }
    }

    private static final class Statements implements AutoCloseable {

        private static final String[] STATUSES = {"OPEN", "IN_PROGRESS", "WAITING_ON_CUSTOMER", "RESOLVED", "CLOSED"};

        private final PreparedStatement ticket;
        private final PreparedStatement comments;
        private final PreparedStatement update;
        private final PreparedStatement insert;

        Statements(Connection connection) throws SQLException {
            ticket = connection.prepareStatement("select * from tickets where id = ?");
            comments = connection.prepareStatement(
                    "select * from ticket_comments where ticket_id = ? order by created_at");
            update = connection.prepareStatement(
                    "update tickets set status = ?, updated_at = localtimestamp where id = ?");
            insert = connection.prepareStatement(
                    "insert into ticket_comments (ticket_id, user_id, content) values (?, ?, ?)");
        }

        void run(Arrival arrival) throws SQLException {
            switch (arrival.kind) {
                case READ -> {
                    read(ticket, arrival.ticket);
                    read(comments, arrival.ticket);
                }
                case UPDATE -> {
                    update.setString(1, STATUSES[arrival.number % STATUSES.length]);
                    update.setLong(2, arrival.ticket);
                    update.executeUpdate();
                }
                case INSERT -> {
                    insert.setLong(1, arrival.ticket);
                    insert.setInt(2, 1 + arrival.number % 50);
                    insert.setString(3, "Comment " + arrival.number);
                    insert.executeUpdate();
                }
            }
        }

        private static void read(PreparedStatement statement, long ticket) throws SQLException {
            statement.setLong(1, ticket);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    rows.getObject(1);
                }
            }
        }

        @Override
        public void close() throws SQLException {
            ticket.close();
            comments.close();
            update.close();
            insert.close();
        }
    }
}
