package dev.supportdb.generate;

import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Thrown if the JPA classes cannot become tables, because the server refuses one of the statements. */
public final class UnusableModelsException extends SQLException {

    private static final long serialVersionUID = 1;

    /**
     * SQLSTATE classes that the models can cause: not supported, invalid value, syntax and names. Others are failures
     * of the server.
     */
    private static final Set<String> CLASSES = Set.of("0A", "22", "42");
    private static final String NO_RIGHT = "42501";
    private static final String SYNTAX = "42601";

    private static final Pattern TABLE = Pattern.compile("create table (\\S+)");
    /** Matches up to a part of the statement: a bracket or a comma, then the name. */
    private static final Pattern PART = Pattern.compile("(?s)create table .*[(,]\\s*(\\w+)\\s*\\w*");

    private UnusableModelsException(String message, SQLException cause) {
        super(message, cause.getSQLState(), cause);
    }

    /** Returns whether the models cause the failure. */
    static boolean explains(PSQLException refusal) {
        return refusal.getServerErrorMessage() != null && CLASSES.contains(refusal.getSQLState().substring(0, 2))
                && !refusal.getSQLState().equals(NO_RIGHT);
    }

    static UnusableModelsException of(JpaModels.Step step, PSQLException refusal) {
        ServerErrorMessage said = refusal.getServerErrorMessage();
        List<String> where = new ArrayList<>();
        String advice = "";
        if (!step.owner().isEmpty()) {
            where.add("class " + step.owner());
        }
        Matcher table = TABLE.matcher(step.sql());
        if (table.lookingAt()) {
            where.add("table " + table.group(1));
            // The text up to the word at which the server stopped.
            String read = step.sql().substring(0, end(step.sql(), said.getPosition()));
            Matcher column = PART.matcher(read);
            if (said.getSQLState().equals(SYNTAX) && column.matches()) {
                where.add("column " + column.group(1));
                advice = advice(column.group(1), "Column");
            } else if (said.getSQLState().equals(SYNTAX) && !read.contains("(")) {
                advice = advice(table.group(1), "Table");
            }
        }
        return new UnusableModelsException("Cannot create the tables of the JPA classes. %s: %s%s\nThe statement is: %s"
                .formatted(
                where.isEmpty() ? "The server" : String.join(", ", where), said.getMessage(), advice,
                step.sql().strip()), refusal);
    }

    /** The failure for a name that is longer than the server's limit. */
    static UnusableModelsException ofName(JpaModels.Step step, SQLWarning warning) {
        return new UnusableModelsException("Cannot create the tables of the JPA classes.%s %s. Use at most 63 bytes.%n"
                .formatted(step.owner().isEmpty() ? "" : " class " + step.owner() + ":", warning.getMessage())
                + "The statement is: " + step.sql().strip(), warning);
    }

    private static String advice(String name, String annotation) {
        return "\nIf %s is a reserved word of SQL, quote it, @%s(name = \"\\\"%1$s\\\"\"), or choose another name."
                .formatted(name, annotation);
    }

    private static int end(String sql, int position) {
        int end = Math.max(0, position - 1);
        while (end < sql.length() && Character.isJavaIdentifierPart(sql.charAt(end))) {
            end++;
        }
        return Math.min(end, sql.length());
    }
}
