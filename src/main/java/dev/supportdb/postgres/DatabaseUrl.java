package dev.supportdb.postgres;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/**
 * A database's address in either written form: JDBC's, {@code jdbc:postgresql://host:port/database}, or libpq's,
 * {@code postgresql://user:password@host:port/database} ({@code postgres:} too), whose user and password are
 * percent-encoded.
 *
 * @param jdbc the address for JDBC, without the user and password before the host
 * @param username null if the address names none
 * @param password null if the address has none
 */
public record DatabaseUrl(String jdbc, String username, String password) {

    private static final Pattern FORM =
            Pattern.compile("(?:jdbc:)?postgres(?:ql)?(?:\\+\\w+)?://(?:([^:/?]*)(?::([^/?]*))?@)?([^@]*)");

    private static final Pattern SERVER_AND_DATABASE = Pattern.compile("(jdbc:postgresql://[^/?]*)(?:/[^?]*)?");

    private static final List<String> LOOPBACK = List.of("localhost", "127.0.0.1", "::1", "[::1]");

    /** The driver's names for parameters of libpq. */
    private static final Map<String, String> NAMES = Map.of("application_name", "ApplicationName",
            "connect_timeout", "connectTimeout", "channel_binding", "channelBinding", "gssencmode", "gssEncMode",
            "sslnegotiation", "sslNegotiation", "require_auth", "requireAuth");

    /**
     * Reads an address.
     *
     * @param written the address
     * @param source where it was found, for the message
     * @throws IllegalArgumentException when it has neither form; the message does not repeat it, for it may hold a
     *         password
     */
    public static DatabaseUrl of(String written, String source) {
        return find(written).orElseThrow(() -> new IllegalArgumentException("""
                %s is not the address of a PostgreSQL database, which has the form \
                jdbc:postgresql://host:port/database or postgresql://user@host:port/database; a %% in a user or \
                password is written %%25""".formatted(source)));
    }

    /** Reads an address; empty when it has neither form. */
    public static Optional<DatabaseUrl> find(String written) {
        Matcher form = FORM.matcher(written.strip());
        try {
            return !form.matches() ? Optional.empty() : Optional.of(new DatabaseUrl(
                    "jdbc:postgresql://" + (written.strip().startsWith("jdbc:") ? form.group(3) : jdbc(form.group(3))),
                    decode(form.group(1)), decode(form.group(2))));
        } catch (IllegalArgumentException notEncoded) {
            // The message of this exception would repeat a part of the password.
            return Optional.empty();
        }
    }

    /** The address of another database on the same server, with the same settings. */
    public DatabaseUrl withDatabase(String name) {
        return new DatabaseUrl(SERVER_AND_DATABASE.matcher(jdbc).replaceFirst("$1/" + name), username, password);
    }

    /** Returns whether the address contains a password, before the host or among its parameters. */
    public boolean hasPassword() {
        return password != null || parts().containsKey("password") || parts().containsKey("sslpassword");
    }

    /** Returns whether the address sets a search path. */
    public boolean setsSchema() {
        return parts().containsKey("currentSchema") || parts().getProperty("options", "").contains("search_path");
    }

    /** Returns server and database, equal for several ways to write them. Two names of one server differ. */
    public String place() {
        Properties parts = parts();
        String host = parts.getProperty("PGHOST", "").toLowerCase(Locale.ROOT);
        return "%s:%s/%s".formatted(LOOPBACK.contains(host) ? LOOPBACK.get(0) : host, parts.getProperty("PGPORT"),
                parts.getProperty("PGDBNAME"));
    }

    /** The properties as the driver parses them; empty if it cannot parse the URL. */
    private Properties parts() {
        Properties parts = Driver.parseURL(jdbc, null);
        return parts == null ? new Properties() : parts;
    }

    /** Renames the parameters that the driver calls something else; the driver would ignore unknown names. */
    private static String jdbc(String address) {
        String translated = address;
        for (Map.Entry<String, String> name : NAMES.entrySet()) {
            translated = translated.replaceAll("(?<=[?&])" + name.getKey() + "(?==)", name.getValue());
        }
        return translated;
    }

    /** Decodes percent signs only. A plus sign stays a plus sign, unlike in a web form. */
    private static String decode(String part) {
        return part == null ? null : URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return jdbc.replaceFirst("[?].*", "");
    }
}
