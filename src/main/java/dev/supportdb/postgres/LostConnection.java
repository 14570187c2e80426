package dev.supportdb.postgres;

import java.sql.SQLException;
import java.util.Set;

/** Recognizes a failure that has ended the connection: the server has stopped, or a standby takes its place. */
public final class LostConnection {

    /** SQLSTATEs of PostgreSQL's appendix A: session ended, server crashed, server starting or stopping. */
    private static final Set<String> ENDED = Set.of("57P01", "57P02", "57P03");

    /** The SQLSTATE class of connection failures. */
    private static final String CONNECTION = "08";

    private LostConnection() {
    }

    public static boolean isCauseOf(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String state = cause instanceof SQLException sql ? String.valueOf(sql.getSQLState()) : "";
            if (state.startsWith(CONNECTION) || ENDED.contains(state)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the message of the failure, after our own words if the connection is lost. */
    public static String words(Throwable failure) {
        return !isCauseOf(failure) ? failure.getMessage()
                : "the connection to the server was lost (%s): it stopped, or a standby is taking over"
                        .formatted(String.valueOf(failure.getMessage()).strip());
    }
}
