package dev.supportdb.review;

import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLexer;
import dev.supportdb.postgres.SqlScript;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Loads the output of {@code pg_dump} into a scratch database. Leaves out owners and grants, whose roles belong to
 * another server. Statements that this server refuses are counted and named; the others are loaded.
 */
final class ScriptLoader implements SqlScript.Handler {

    private static final Pattern OF_ROLES = Pattern.compile(
            "(?is)(alter\\s.*\\sowner\\s+to\\s.*|grant\\s.*"
            + "|revoke\\s.*|alter\\s+default\\s+privileges\\s.*|security\\s+label\\s.*|"
            + "(create|alter|drop|comment\\s+on)\\s+(role|user|group|database|tablespace)\\s.*)");

    /** SQLSTATEs to ignore: the object exists in every database. */
    private static final List<String> HARMLESS = List.of("42P06");
    private static final Pattern SETTING = Pattern.compile("(?is)set\\s.*");
    private static final int NAMED = 5;

    private final Connection connection;
    private final List<String> refused = new ArrayList<>();

    private ScriptLoader(Connection connection) {
        this.connection = connection;
    }

    /**
     * Loads a script.
     *
     * @param connection for this script only, which changes its settings
     * @return the refused statements by kind and name of the object and SQLSTATE, without values; empty if there are
     * none
     */
    static String load(Connection connection, BufferedReader script) throws IOException, SQLException {
        ScriptLoader loader = new ScriptLoader(connection);
        SqlScript.read(script, loader);
        return Plural.some(loader.refused, NAMED);
    }

    @Override
    public void statement(String sql) throws SQLException {
        String bare = SqlLexer.fromFirstWord(sql);
        if (OF_ROLES.matcher(bare).matches()) {
            return;
        }
        try {
            Sql.execute(connection, bare);
        } catch (SQLException e) {
            if (!SETTING.matcher(bare).matches()) {
                refuse(bare, e);
            }
        }
    }

    @Override
    public void copy(String sql, SqlScript.Rows rows) throws SQLException, IOException {
        CopyIn copy = null;
        try {
            copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
            for (String row = rows.next(); row != null; row = rows.next()) {
                byte[] bytes = (row + "\n").getBytes(StandardCharsets.UTF_8);
                copy.writeToCopy(bytes, 0, bytes.length);
            }
            copy.endCopy();
        } catch (SQLException e) {
            if (copy != null && copy.isActive()) {
                copy.cancelCopy();
            }
            refuse(SqlLexer.fromFirstWord(sql), e);
        }
    }

    /** Counts a refused statement. A lost connection is an error and not a refusal. */
    private void refuse(String sql, SQLException why) throws SQLException {
        if (connection.isClosed()) {
            throw why;
        }
        if (!HARMLESS.contains(why.getSQLState())) {
            String name = sql.replaceAll("(?s)[('$;].*", "").replaceAll("\\s+", " ").strip();
            refused.add("%s (%s)".formatted(name.length() > 60 ? name.substring(0, 57) + "..." : name,
                    why.getSQLState()));
        }
    }
}
