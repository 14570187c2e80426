package dev.supportdb.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs SQL on a connection and closes what it opened. Parameters are those of a prepared statement, in the order of
 * their question marks; an array may be one of Java. Nothing here begins or ends a transaction.
 *
 * <p>What the server refuses is thrown as the driver throws it. A result with fewer or more rows than a method needs is
 * an {@link SQLException} with the SQLSTATE {@value #NO_DATA} or {@value #CARDINALITY_VIOLATION}.
 */
public final class Sql {

    static final String NO_DATA = "02000";
    static final String CARDINALITY_VIOLATION = "21000";

    /** Creates a value from the current row; does not move to another one. */
    public interface RowMapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    private Sql() {
    }

    /** Returns all rows, in the order of the result. */
    public static <T> List<T> rows(Connection connection, String sql, RowMapper<T> mapper, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            try (ResultSet row = statement.executeQuery()) {
                List<T> rows = new ArrayList<>();
                while (row.next()) {
                    rows.add(mapper.map(row));
                }
                return rows;
            }
        }
    }

    /** Returns the only row; empty if there is none, or if the mapper returns null. */
    public static <T> Optional<T> optionalRow(Connection connection, String sql, RowMapper<T> mapper,
            Object... parameters) throws SQLException {
        List<T> rows = rows(connection, sql, mapper, parameters);
        if (rows.size() > 1) {
            throw notOneRow(rows.size(), sql);
        }
        return rows.isEmpty() ? Optional.empty() : Optional.ofNullable(rows.get(0));
    }

    /** Returns the only row. */
    public static <T> T row(Connection connection, String sql, RowMapper<T> mapper, Object... parameters)
            throws SQLException {
        List<T> rows = rows(connection, sql, mapper, parameters);
        if (rows.size() != 1) {
            throw notOneRow(rows.size(), sql);
        }
        return rows.get(0);
    }

    private static SQLException notOneRow(int rows, String sql) {
        return new SQLException("One row expected, %d returned by: %s".formatted(rows, sql.strip()),
                rows == 0 ? NO_DATA : CARDINALITY_VIOLATION);
    }

    /** Returns the first column of the only row; null for NULL. */
    public static String text(Connection connection, String sql, Object... parameters) throws SQLException {
        return row(connection, sql, row -> row.getString(1), parameters);
    }

    /** Returns the first column of all rows; null for NULL. */
    public static List<String> texts(Connection connection, String sql, Object... parameters) throws SQLException {
        return rows(connection, sql, row -> row.getString(1), parameters);
    }

    /** Returns the first column of the only row; 0 for NULL. */
    public static long number(Connection connection, String sql, Object... parameters) throws SQLException {
        return row(connection, sql, row -> row.getLong(1), parameters);
    }

    /** Returns the first column of the only row; false for NULL. */
    public static boolean isTrue(Connection connection, String sql, Object... parameters) throws SQLException {
        return row(connection, sql, row -> row.getBoolean(1), parameters);
    }

    /** Returns whether the query returns a row. */
    public static boolean exists(Connection connection, String sql, Object... parameters) throws SQLException {
        return !rows(connection, sql, row -> true, parameters).isEmpty();
    }

    /** Runs one statement; returns how many rows it wrote. */
    public static int update(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            return statement.executeUpdate();
        }
    }

    /**
     * Switches off this session's timeouts, which its role or its database may set, for work or a wait that takes long
     * on purpose. PostgreSQL 15 does not know all of them.
     */
    public static void setNoTimeouts(Connection connection) throws SQLException {
        texts(connection, """
                select set_config(name, '0', false) from pg_settings
                where name in ('statement_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout',
                    'transaction_timeout')
                """);
    }

    /** Runs a script: one statement or more, separated by semicolons, without parameters. */
    public static void execute(Connection connection, String script) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(script);
        }
    }

    private static void bind(PreparedStatement statement, Object[] parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }
}
