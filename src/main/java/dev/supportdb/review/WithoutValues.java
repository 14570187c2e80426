package dev.supportdb.review;

import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Reduces a failure on people's data to names, codes, keys and numbers, without a value of a column. */
public final class WithoutValues {

    private static final Pattern LITERAL = Pattern.compile("(?s)'(?:[^']|'')*+('|$)|\\$(\\w*)\\$.*?(\\$\\2\\$|$)");

    private static final Pattern NUMBER = Pattern.compile("(?<![\\w.])\\d[\\d.]*(?!\\w)");

    /** The word before the part of a reason that quotes a statement. */
    private static final String BY = "by: ";

    private WithoutValues() {
    }

    /** Returns the failure as its code and its objects, because the server's own message quotes rows. */
    public static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof SQLException)) {
            cause = cause.getCause();
        }
        if (!(cause instanceof SQLException sql)) {
            return "It failed, but not with an error of the server. The message may name values "
                    + "and is not kept.";
        }
        Optional<ServerErrorMessage> server = sql instanceof PSQLException error
                ? Optional.ofNullable(error.getServerErrorMessage()) : Optional.empty();
        return "The server refused it with the code %s%s%s%s. Its message may name values and is not kept.".formatted(
                sql.getSQLState(),
                server.map(ServerErrorMessage::getConstraint).map(" for the constraint "::concat).orElse(""),
                server.map(ServerErrorMessage::getTable).map(" on the table "::concat).orElse(""),
                server.map(ServerErrorMessage::getColumn).map(" in the column "::concat).orElse(""));
    }

    /** SQL with dots in place of numbers and of everything in quotes. */
    static String sql(String sql) {
        return sql == null ? null : NUMBER.matcher(quoted(sql)).replaceAll("…");
    }

    private static String quoted(String text) {
        return text == null ? null : LITERAL.matcher(text).replaceAll("'…'");
    }

    static Finding finding(Finding finding) {
        int by = finding.reason().lastIndexOf(BY);
        String reason = by < 0 ? quoted(finding.reason())
                : quoted(finding.reason().substring(0, by)) + sql(finding.reason().substring(by));
        return new Finding(finding.judgement(), finding.back(), reason, sql(finding.statement()), finding.table(),
                finding.lock(), finding.held(), finding.rows(), quoted(finding.instead()), finding.accepted());
    }
}
