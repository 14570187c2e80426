package dev.supportdb.session;

import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.PrintableText;
import java.util.Properties;
import java.util.regex.Pattern;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** A JDBC URL, with the server and the database that it names. */
record ServerUrl(String text, String server, String database) {

    /** Tells a user where the URL comes from. */
    static final String READ_FROM =
            "It is read from DATABASE_URL when that is set (analytics: ANALYTICS_DATABASE_URL before that), else "
            + "from url in contexts/<env>.properties.";

    private static final String FORM = "jdbc:postgresql://host:port/database";

    /** The part {@code user:password@}, which only a URL {@code postgresql://…} may have. */
    private static final Pattern USER_INFO = Pattern.compile("(?<=//)[^/?]*@");

    private static final Pattern PASSWORD = Pattern.compile("[?&](ssl)?password=");

    /**
     * Refuses a URL that the driver does not understand, or that contains a secret, since URLs are printed and logged.
     */
    static ServerUrl of(String text) throws NoConnection {
        if (USER_INFO.matcher(text).find() || PASSWORD.matcher(text).find()) {
            throw new NoConnection("""

                    The URL contains a user name or a password, and URLs are printed and logged. \
                    Take them out, and set DB_USERNAME and DB_PASSWORD beside DATABASE_URL. \
                    The URL then reads %s.""".formatted(FORM));
        }
        Properties parts = text.startsWith("jdbc:postgresql:") ? Driver.parseURL(text, new Properties()) : null;
        if (parts == null) {
            throw new NoConnection("""

                    The URL of the database must have the form %s. %s""".formatted(FORM, READ_FROM));
        }
        if (parts.getProperty("PGHOST").isEmpty()) {
            throw new NoConnection("""

                    The URL names no host, and sockets are not supported. Write it as \
                    jdbc:postgresql://localhost:5432/%s for a server on this machine. %s""".formatted(
                    PrintableText.line(parts.getProperty("PGDBNAME")), READ_FROM));
        }
        refuseUnknownParameters(text);
        return new ServerUrl(text,
                parts.getProperty("PGHOST") + ":" + parts.getProperty("PGPORT"), parts.getProperty("PGDBNAME"));
    }

    /** Refuses an unknown parameter, which the driver would ignore: sslmod=verify-full would connect to any server. */
    private static void refuseUnknownParameters(String text) throws NoConnection {
        for (String parameter : text.replaceFirst("[^?]*[?]?", "").split("&")) {
            String name = parameter.replaceFirst("=.*", "");
            if (!name.isEmpty() && PGProperty.forName(name) == null) {
                throw new NoConnection("""

                        The URL has the parameter '%s', which the PostgreSQL driver does not know and would ignore. \
                        Correct it or take it out. %s""".formatted(PrintableText.line(name), READ_FROM));
            }
        }
    }

    /** Returns whether the other URL, in either written form and possibly null, names the same database. */
    boolean isSameAs(String other) {
        return other != null && (text.equals(other)
                || DatabaseUrl.find(other).filter(url -> url.jdbc().equals(text)).isPresent());
    }
}
