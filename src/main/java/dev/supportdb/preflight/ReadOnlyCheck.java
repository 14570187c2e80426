package dev.supportdb.preflight;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;

/**
 * Finds a server or a session that is read-only: a standby, or a setting of the database, the role or the connection.
 * The setting is not overridden, since it may be there to prevent exactly such a run.
 */
public final class ReadOnlyCheck {

    private static final String STATE = """
            select pg_is_in_recovery(), current_setting('transaction_read_only')::boolean,
                coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'on a local socket')
            """;

    /** The server that this standby follows, as far as the role may see it. */
    private static final String FOLLOWED = """
            select format('host=%s port=%s', sender_host, sender_port) from pg_stat_wal_receiver
            where sender_host is not null
            union all
            select setting from pg_settings where name = 'primary_conninfo' and setting <> ''
            """;

    private static final String SEES_SETTINGS = "select pg_has_role(current_user, 'pg_read_all_settings', 'usage')";

    /** The hosts of a connection string: in a URL, or as {@code key=value}. */
    private static final Pattern URL_HOSTS = Pattern.compile("^postgres(?:ql)?://(?:[^@/]*@)?([^/?]+)");
    private static final Pattern HOST = Pattern.compile("\\bhost(?:addr)?\\s*=\\s*'?([^\\s']+)");
    private static final Pattern PORT = Pattern.compile("\\bport\\s*=\\s*'?([\\d,]+)");

    private static final Pattern URL_PLACE = Pattern.compile("^jdbc:postgresql:(?://[^/?]*/)?");

    /** Statements that reset the setting. It belongs to the login role, even after SET ROLE. */
    private static final String RESETS = """
            select format('alter %s reset default_transaction_read_only;', case
                when setrole = 0 then format('database %I', current_database())
                when setdatabase = 0 then format('role %I', session_user)
                else format('role %I in database %I', session_user, current_database()) end)
            from pg_db_role_setting
            where setdatabase in (0, (select oid from pg_database where datname = current_database()))
              and setrole in (0, (select oid from pg_roles where rolname = session_user))
              and exists (select from unnest(setconfig) one
                  where one ~ '^default_transaction_read_only=' and split_part(one, '=', 2)::boolean)
            order by 1
            """;

    private final Database database;
    private final Connection connection;

    public ReadOnlyCheck(Database database) {
        this.database = database;
        this.connection = database.getConnection().getUnderlyingConnection();
    }

    /** Refuses a command that writes. */
    public void check() throws SQLException, DatabaseException, CommandExecutionException {
        try (CatalogSession session = CatalogSession.of(database)) {
            String refusal = Sql.row(session.connection(), STATE, this::refusal);
            if (refusal != null) {
                throw new CommandExecutionException(refusal);
            }
        }
    }

    /** Returns the reason to refuse; null if the server can be written to. */
    private String refusal(ResultSet state) throws SQLException {
        return state.getBoolean(1) ? standby(state.getString(3)) : state.getBoolean(2) ? readOnly() : null;
    }

    private String standby(String server) throws SQLException {
        String url = database.getConnection().getURL();
        String says = "This server (%s) is a standby, or is restoring a backup: it takes no writes. ".formatted(server)
                + "Nothing has been changed. ";
        if (url.matches("jdbc:postgresql://[^/?]*,.*")) {
            return says + "The URL names several servers; this chooses the primary. Run the same command after:\n"
                    + export(with(url, "targetServerType=primary"));
        }
        List<String> followed = Sql.texts(connection, FOLLOWED);
        String places = followed.isEmpty() ? "" : places(followed.get(0));
        if (!places.isEmpty()) {
            String there = URL_PLACE.matcher(url).replaceFirst("jdbc:postgresql://" + places + "/");
            return says + "It follows %s. Run the same command there, after:\n%s".formatted(places,
                    export(places.contains(",") ? with(there, "targetServerType=primary") : there));
        }
        if (!followed.isEmpty()) {
            return says + "The server it follows is on its own machine (%s): run the same command there."
                    .formatted(find(HOST, followed.get(0), "") + ", port " + find(PORT, followed.get(0), "5432"));
        }
        return says + (Sql.isTrue(connection, SEES_SETTINGS)
                ? "It follows no server (primary_conninfo is empty). Run the same command on the primary; or, to "
                        + "make this server the primary, first run:\n  select pg_promote();"
                : "Run the same command on the primary. Its name is hidden from user %s; as a superuser run:\n  "
                        .formatted(Sql.text(connection, "select current_user"))
                        + "select sender_host, sender_port from pg_stat_wal_receiver;");
    }

    /** The servers as {@code host:port}, separated by commas; empty for a local socket. */
    private static String places(String connectionString) {
        Matcher url = URL_HOSTS.matcher(connectionString);
        if (url.find()) {
            return url.group(1);
        }
        String[] ports = find(PORT, connectionString, "5432").split(",");
        List<String> places = new ArrayList<>();
        for (String host : find(HOST, connectionString, "").split(",")) {
            if (!host.isEmpty() && !host.startsWith("/") && !host.startsWith("@")) {
                String name = host.contains(":") ? "[" + host + "]" : host;
                places.add(name + ":" + ports[Math.min(places.size(), ports.length - 1)]);
            }
        }
        return String.join(",", places);
    }

    private static String find(Pattern pattern, String text, String otherwise) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : otherwise;
    }

    private String readOnly() throws SQLException {
        String source = Sql.text(connection, """
                select case when setting = 'on' then source else 'connection' end
                from pg_settings where name = 'default_transaction_read_only'
                """);
        List<String> resets = switch (source) {
            case "connection", "client", "session" -> List.of();
            case "global" -> List.of("alter role all reset default_transaction_read_only;");
            case "database", "user", "database user" -> Sql.texts(connection, RESETS);
            default -> List.of("alter system set default_transaction_read_only = off;", "select pg_reload_conf();");
        };
        String says = "User %s may only read in database %s: ".formatted(
                Sql.text(connection, "select session_user"), connection.getCatalog());
        if (resets.isEmpty()) {
            return says + "the connection is read-only. Nothing has been changed. Remove readOnly and "
                    + "default_transaction_read_only from DATABASE_URL, from url in contexts/<env>.properties or from "
                    + "the settings of the pool.";
        }
        String url = with(database.getConnection().getURL(), "options=-c%20default_transaction_read_only=off");
        return says + """
                default_transaction_read_only is on. Nothing has been changed. To let this command alone write, put \
                this before it:
                  %s
                To let everybody write again:
                  set default_transaction_read_only = off;
                  %s""".formatted(variable(url), String.join("\n  ", resets));
    }

    static String with(String url, String parameter) {
        return url + (url.contains("?") ? "&" : "?") + parameter;
    }

    private static String export(String url) {
        return "  export " + variable(url);
    }

    /** Quotes the URL for a shell, which would interpret some of its characters. */
    static String variable(String url) {
        return "DATABASE_URL='%s'".formatted(url.replace("'", "'\\''"));
    }
}
