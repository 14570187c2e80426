package dev.supportdb.deploy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A database to try something on, beside another one on its server; closed, it is gone with all that is in it. */
public final class Scratch implements AutoCloseable {

    private static final Pattern URL = Pattern.compile("(jdbc:postgresql://[^/]*/)([^?]*)(.*)");

    private final Target server;
    private final String name;
    private final String url;
    /** For who presses Ctrl-C. */
    private final Thread atExit = new Thread(this::dropAtExit);

    private Scratch(Target server, String name, String url) {
        this.server = server;
        this.name = name;
        this.url = url;
    }

    /**
     * Creates it, empty.
     *
     * @param server a database of the server, and the changelog that is to be tried
     * @param what   the beginning of its name
     */
    public static Scratch beside(Target server, String what) throws SQLException {
        Matcher form = URL.matcher(server.url());
        if (!form.matches()) {
            throw new IllegalArgumentException("Not a URL of the form jdbc:postgresql://host:port/database: " + server);
        }
        // In containers, processes of one number are many.
        String name = "%s_%d_%08x".formatted(what, ProcessHandle.current().pid(), new Random().nextInt());
        Scratch scratch = new Scratch(server, name, form.group(1) + name + form.group(3));
        scratch.tellServer("create database " + name);
        Runtime.getRuntime().addShutdownHook(scratch.atExit);
        return scratch;
    }

    /** The same changelog here, with demo data of so many tickets where the contexts ask for it. */
    public Target target(String contexts, String labels, long tickets) {
        Map<String, String> parameters = new HashMap<>(server.parameters());
        parameters.put("demo.tickets", Long.toString(tickets));
        return new Target(url, server.username(), server.password(), server.changelog(), contexts, labels, parameters);
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, server.username(), server.password());
    }

    @Override
    public void close() throws SQLException {
        drop();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException exiting) {
            // It finds nothing to drop.
        }
    }

    private void dropAtExit() {
        try {
            drop();
        } catch (SQLException e) {
            System.err.println("The database " + name + " is left behind: " + e.getMessage());
        }
    }

    private void drop() throws SQLException {
        tellServer("drop database if exists " + name + " with (force)");
    }

    private void tellServer(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(server.url(), server.username(), server.password());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
