package dev.supportdb.run;

import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.session.NoConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;

/**
 * A database, and the changelog and its filters to apply to it.
 *
 * @param url        {@code jdbc:postgresql:…}, or {@code offline:postgresql} if only SQL is written
 * @param username   may be null
 * @param password   may be null; never printed
 * @param changelog  path of the master changelog, relative to the project's root
 * @param contexts   Liquibase contexts; never null or empty, for no contexts would mean all of them
 * @param labels     Liquibase label filter; null for every label
 * @param parameters changelog parameters
 */
public record TargetDatabase(String url, String username, String password, String changelog, String contexts,
        String labels, Map<String, String> parameters) {

    public TargetDatabase {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(changelog, "changelog");
        if (contexts == null || contexts.isBlank()) {
            throw new IllegalArgumentException("contexts must be given: without any, Liquibase runs all of them");
        }
        parameters = Map.copyOf(parameters);
    }

    /** Returns the same target with another label filter. */
    public TargetDatabase withLabels(String labelFilter) {
        return new TargetDatabase(url, username, password, changelog, contexts, labelFilter, parameters);
    }

    /** Returns the same changelog for another database. */
    public TargetDatabase at(String otherUrl, String otherUsername, String otherPassword) {
        return new TargetDatabase(otherUrl, otherUsername, otherPassword, changelog, contexts, labels, parameters);
    }

    /**
     * Opens a connection without Liquibase.
     *
     * @throws SQLException with a {@link NoConnection} as its cause, which says why and what to do
     */
    public Connection connect() throws SQLException {
        try {
            return LibpqVariables.connect(url, username, password);
        } catch (SQLException e) {
            NoConnection why = NoConnection.to(url, username, e);
            throw new SQLException(why.getMessage().strip(), e.getSQLState(), why);
        }
    }

    @Override
    public String toString() {
        return url.replaceAll("//[^/@]*@", "//").replaceAll("[?].*", "") + " (" + changelog + ")";
    }
}
