package dev.supportdb.review;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A connection that passes every statement to an observer, which runs it. Typed changes and Java classes run statements
 * far below Liquibase's own calls, and only JDBC sees all of them. It is a proxy, because of several hundred methods in
 * three interfaces only a dozen matter here.
 */
final class ObservedConnection {

    /** A call to the driver. */
    interface Call {
        Object run() throws SQLException;

        /** The plan of the statement, line by line, with the same parameters. */
        List<String> explain() throws SQLException;
    }

    /**
     * A statement with the calls that have set its parameters; for a plain statement there are none, and the SQL is
     * null.
     */
    private record Prepared(Statement statement, String sql, Map<Integer, Assignment> parameters) {}

    private record Assignment(Method method, Object[] arguments) {}

    interface Observer {

        /** Runs the statement; returns the driver's result. */
        Object run(String sql, Call call) throws SQLException;

        /** Called before a transaction is committed or rolled back. */
        void ending() throws SQLException;

        /** Called after a transaction was committed or rolled back. */
        void ended();
    }

    private static final Set<String> MAKES = Set.of("createStatement", "prepareStatement", "prepareCall");
    private static final Set<String> ENDS = Set.of("commit", "rollback", "close", "abort");
    private static final Set<String> RUNS = Set.of("execute", "executeQuery", "executeUpdate", "executeLargeUpdate",
            "executeBatch", "executeLargeBatch");

    private final Connection raw;
    private final Observer observer;
    private final Connection proxy;

    private ObservedConnection(Connection raw, Observer observer) {
        this.raw = raw;
        this.observer = observer;
        this.proxy = proxy(List.of(Connection.class), this::onConnection);
    }

    static Connection of(Connection raw, Observer observer) {
        return new ObservedConnection(raw, observer).proxy;
    }

    private interface Handler {
        Object invoke(Method method, Object[] arguments) throws SQLException;
    }

    @SuppressWarnings("unchecked")
    private static <T> T proxy(List<Class<?>> interfaces, Handler handler) {
        return (T) Proxy.newProxyInstance(ObservedConnection.class.getClassLoader(),
                interfaces.toArray(Class<?>[]::new), (self, method, arguments) -> handler.invoke(method, arguments));
    }

    private Object onConnection(Method method, Object[] arguments) throws SQLException {
        String name = method.getName();
        if (MAKES.contains(name)) {
            Statement statement = (Statement) call(raw, method, arguments);
            String sql = arguments != null && arguments[0] instanceof String text ? text : null;
            List<Class<?>> interfaces = statement instanceof PreparedStatement
                    ? List.of(method.getReturnType()) : List.of(Statement.class);
            Prepared prepared = new Prepared(statement, sql, new TreeMap<>());
            return proxy(interfaces, (called, values) -> onStatement(prepared, called, values));
        }
        boolean toSavepoint = arguments != null && name.equals("rollback");
        boolean commits = name.equals("setAutoCommit") && Boolean.TRUE.equals(arguments[0]) && !raw.getAutoCommit();
        if (ENDS.contains(name) && !toSavepoint || commits) {
            observer.ending();
            try {
                return call(raw, method, arguments);
            } finally {
                observer.ended();
            }
        }
        return call(raw, method, arguments);
    }

    private Object onStatement(Prepared prepared, Method method, Object[] arguments) throws SQLException {
        Statement statement = prepared.statement();
        if (method.getName().equals("getConnection")) {
            return proxy;
        }
        if (method.getName().startsWith("set") && arguments.length > 1 && arguments[0] instanceof Integer number) {
            prepared.parameters().put(number, new Assignment(method, arguments));
        }
        if (!RUNS.contains(method.getName())) {
            return call(statement, method, arguments);
        }
        String text = prepared.sql() != null ? prepared.sql()
                : arguments == null ? "a batch" : String.valueOf(arguments[0]);
        return observer.run(text, new Call() {
            @Override
            public Object run() throws SQLException {
                return call(statement, method, arguments);
            }

            @Override
            public List<String> explain() throws SQLException {
                try (PreparedStatement explain = raw.prepareStatement("explain (costs off) " + text)) {
                    for (Assignment parameter : prepared.parameters().values()) {
                        call(explain, parameter.method(), parameter.arguments());
                    }
                    List<String> lines = new ArrayList<>();
                    try (ResultSet row = explain.executeQuery()) {
                        while (row.next()) {
                            lines.add(row.getString(1));
                        }
                    }
                    return lines;
                }
            }
        });
    }

    private static Object call(Object target, Method method, Object[] arguments) throws SQLException {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new SQLException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
