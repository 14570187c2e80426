package dev.supportdb.domain;

import dev.supportdb.support.Eventually;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Applications that write without a pause, each over its own connection, from the moment this is made until it is
 * closed. What they write is drawn from a list of statements; in these a word after a colon is a number: {@code :n}
 * any, {@code :unique} one that is never drawn again, {@code :ticket}, {@code :comment} and {@code :customer} a key
 * that may have been deleted, every fourth time one of a few, so that writers meet. {@code :[a|b]} is one of the texts.
 */
public final class ConcurrentWriters implements AutoCloseable {

    /** The name of their sessions. */
    public static final String APPLICATION = "writers";

    private static final int COUNT = 4;
    private static final int HOT = 10;

    /** The number of failures to keep: more would not explain more. */
    private static final int ENOUGH = 5;

    /** Deadlock, serialisation failure: what an application has to try again, whoever it meets. */
    static final Set<String> TRY_AGAIN = Set.of("40P01", "40001");

    private static final Pattern ONE_OF = Pattern.compile(":\\[(.*?)]");
    private static final AtomicLong UNIQUE = new AtomicLong();

    private final TestDatabase database;
    private final List<String> statements;
    private final Duration pause;
    private final Reader reader;
    private final long tickets;
    private final long comments;
    private final long customers;
    private final List<Thread> threads = new ArrayList<>();
    private final List<AtomicLong> commits = new ArrayList<>();
    private final AtomicLong repetitions = new AtomicLong();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    /** Receives the rows that a statement has returned, once it is committed; from any of the writers' threads. */
    public interface Reader {
        void read(ResultSet rows) throws SQLException;
    }

    ConcurrentWriters(TestDatabase database, long seed, List<String> statements) throws SQLException {
        this(database, seed, statements, Duration.ZERO, rows -> { });
    }

    /** @param pause of each of them after each statement */
    public ConcurrentWriters(TestDatabase database, long seed, List<String> statements, Duration pause, Reader reader)
            throws SQLException {
        this.database = database;
        this.statements = statements;
        this.pause = pause;
        this.reader = reader;
        this.tickets = database.count("select max(id) from tickets");
        this.comments = database.count("select max(id) from ticket_comments");
        this.customers = database.count("select max(id) from customers");
        for (int writer = 0; writer < COUNT; writer++) {
            Random random = new Random(seed + writer);
            AtomicLong committed = new AtomicLong();
            commits.add(committed);
            threads.add(new Thread(() -> write(random, committed), "writer " + writer));
        }
        threads.forEach(Thread::start);
        awaitEachOnce();
    }

    /** The number of statements that all of them have committed so far. */
    public long committed() {
        return commits.stream().mapToLong(AtomicLong::get).sum();
    }

    /** The number of statements that were refused by a deadlock and retried. */
    long repetitions() {
        return repetitions.get();
    }

    /** The errors an application would have shown to its users. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Returns when each writer has committed once more: what it writes fits the schema as it is now. */
    public void awaitEachOnce() {
        for (int writer = 0; writer < COUNT; writer++) {
            long before = commits.get(writer).get();
            while (commits.get(writer).get() == before && threads.get(writer).isAlive()) {
                Eventually.betweenTwoLooks();
            }
        }
    }

    /** Returns when each writer has come to an end. */
    public void stop() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        stop();
    }

    private void write(Random random, AtomicLong committed) {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute("set application_name = '" + APPLICATION + "'");
            while (!stopping) {
                String sql = drawn(random);
                try {
                    if (statement.execute(sql)) {
                        reader.read(statement.getResultSet());
                    }
                    committed.incrementAndGet();
                } catch (SQLException e) {
                    if (TRY_AGAIN.contains(e.getSQLState())) {
                        repetitions.incrementAndGet();
                    } else if (failures.size() < ENOUGH) {
                        failures.add(e.getMessage() + "\n" + sql);
                    }
                }
                Thread.sleep(pause.toMillis());
            }
        } catch (SQLException e) {
            failures.add(e.getMessage());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String drawn(Random random) {
        int n = random.nextInt(1_000_000);
        String statement = statements.get(random.nextInt(statements.size()));
        return ONE_OF.matcher(statement).replaceAll(match -> oneOf(match.group(1), n))
                .replace(":ticket", Long.toString(key(random, tickets)))
                .replace(":comment", Long.toString(key(random, comments)))
                .replace(":customer", Long.toString(key(random, customers)))
                .replace(":unique", Long.toString(UNIQUE.incrementAndGet()))
                .replace(":n", Integer.toString(n));
    }

    /** Returns the same text for all places of a statement that name the same texts. */
    private static String oneOf(String texts, int n) {
        String[] choice = texts.split("[|]", -1);
        return "'" + choice[n % choice.length] + "'";
    }

    private static long key(Random random, long most) {
        return random.nextInt(4) == 0 ? most / 2 + random.nextInt(HOT) : 1 + random.nextLong(most);
    }
}
