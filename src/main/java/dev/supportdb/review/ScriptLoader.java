package dev.supportdb.review;

import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.Sql;
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
 * Loads what {@code pg_dump} has written into a scratch database. Owners and grants are left out: their roles are of
 * another server. What this server refuses is counted and named, and the rest is loaded all the same.
 */
final class ScriptLoader implements SqlScript.Handler {

    private static final Pattern OF_ROLES = Pattern.compile(
            "(?is)(\\s|--.*?\\n)*(alter\\s.*\\sowner\\s+to\\s.*|grant\\s.*"
            + "|revoke\\s.*|alter\\s+default\\s+privileges\\s.*|security\\s+label\\s.*|"
            + "(create|alter|drop|comment\\s+on)\\s+(role|user|group|database|tablespace)\\s.*)");

    /** There in every database, or a setting that this version does not know. */
    private static final List<String> HARMLESS = List.of("42P06");
    private static final Pattern SETTING = Pattern.compile("(?is)(\\s|--.*?\\n)*set\\s.*");
    private static final int NAMED = 5;

    private final Connection connection;
    private final List<String> refused = new ArrayList<>();

    private ScriptLoader(Connection connection) {
        this.connection = connection;
    }

    /**
     * Loads a script.
     *
     * @param connection for this alone: the script changes its settings
     * @return what was refused, by the kind and name of the object and the code of the error, without any value; empty
     *     where nothing was
     */
    static String load(Connection connection, BufferedReader script) throws IOException, SQLException {
        ScriptLoader loader = new ScriptLoader(connection);
        SqlScript.read(script, loader);
        return Plural.some(loader.refused, NAMED);
    }

    @Override
    public void statement(String sql) throws SQLException {
        if (OF_ROLES.matcher(sql).matches()) {
            return;
        }
        try {
            Sql.execute(connection, sql);
        } catch (SQLException e) {
            refuse(sql, e, SETTING.matcher(sql).matches());
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
            while (rows.next() != null) {
                // Skips the rows of COPY for a table that does not exist: they are not statements.
            }
            refuse(sql, e, false);
        }
    }

    /** A lost connection is no statement that was refused. */
    private void refuse(String sql, SQLException why, boolean setting) throws SQLException {
        if (connection.isClosed()) {
            throw why;
        }
        if (!setting && !HARMLESS.contains(why.getSQLState())) {
            String name = sql.replaceAll("(?m)^--.*$", "").strip().replaceAll("(?s)[('$;].*", "")
                    .replaceAll("\\s+", " ").strip();
            refused.add("%s (%s)".formatted(name.length() > 60 ? name.substring(0, 57) + "..." : name,
                    why.getSQLState()));
        }
    }
}
