package dev.supportdb.generate;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.verify.ScratchDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.exception.CommandExecutionException;
import org.postgresql.util.PSQLException;

/**
 * Compares the JPA classes and the changelog: each builds its own database, and the server describes both. So no
 * mapping from Hibernate's terms to Liquibase's must be guessed.
 */
public final class JpaModelsCheck {

    /** The SQLSTATE of a warning about a name that is too long; the server keeps its first 63 bytes. */
    private static final String NAME_TOO_LONG = "42622";

    private final JpaSchema changelog;
    private final JpaSchema models;

    private JpaModelsCheck(JpaSchema changelog, JpaSchema models) {
        this.changelog = changelog;
        this.models = models;
    }

    /**
     * Builds both databases, and drops them again.
     *
     * @param server   the server for them, with the changelog and its label filter
     * @param progress is told of every changeset
     * @throws UnusableModelsException if the server refuses the tables of the classes
     */
    public static JpaModelsCheck of(JpaModels models, ScratchDatabase.Server server, ChangeExecListener progress)
            throws SQLException, CommandExecutionException {
        // First the quick part, which may refuse.
        SchemaFingerprint made = made(models, server);
        return of(models, built(server, progress), made);
    }

    /** Builds the changelog's schema, and says in a failure which database is meant, which Liquibase does not. */
    private static SchemaFingerprint built(ScratchDatabase.Server server, ChangeExecListener progress)
            throws SQLException, CommandExecutionException {
        try (ScratchDatabase scratch = server.create("changelog")) {
            scratch.build("""
                    Cannot compare the JPA classes: the changesets that the label filter selects cannot be built in a \
                    scratch database. In the database itself nothing has been changed.""", progress);
            return fingerprint(scratch);
        }
    }

    /** Compares the models with the changelog's schema that is already known. */
    static JpaModelsCheck of(JpaModels models, SchemaFingerprint changelog, ScratchDatabase.Server server)
            throws SQLException, CommandExecutionException {
        return of(models, changelog, made(models, server));
    }

    private static JpaModelsCheck of(JpaModels models, SchemaFingerprint changelog, SchemaFingerprint made) {
        JpaSchema classes = JpaSchema.of(made, models.unmapped());
        return new JpaModelsCheck(JpaSchema.of(changelog, models.unmapped()).withCommentsOf(classes), classes);
    }

    private static SchemaFingerprint made(JpaModels models, ScratchDatabase.Server server)
            throws SQLException, CommandExecutionException {
        try (ScratchDatabase scratch = server.create("models")) {
            try (Connection connection = scratch.connect(); Statement statement = connection.createStatement()) {
                for (JpaModels.Step step : models.ddl()) {
                    execute(statement, step);
                }
            }
            return fingerprint(scratch);
        }
    }

    private static void execute(Statement statement, JpaModels.Step step) throws SQLException {
        try {
            statement.execute(step.sql());
            for (SQLWarning warning = statement.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                if (NAME_TOO_LONG.equals(warning.getSQLState())) {
                    throw UnusableModelsException.ofName(step, warning);
                }
            }
        } catch (PSQLException e) {
            if (UnusableModelsException.explains(e)) {
                throw UnusableModelsException.of(step, e);
            }
            throw e;
        }
    }

    private static SchemaFingerprint fingerprint(ScratchDatabase scratch) throws SQLException {
        try (Connection connection = scratch.connect()) {
            return SchemaFingerprint.of(connection);
        }
    }

    /** Returns a line for each object that differs; empty if they agree. */
    public List<String> differences() {
        return Difference.between(changelog.facts(), models.facts()).objects().entrySet().stream()
                .map(object -> object.getKey().replace("public.", "") + ": " + difference(object.getValue()))
                .toList();
    }

    private static String difference(Difference.Sides sides) {
        String changelog = String.join(", ", sides.left().lines());
        String models = String.join(", ", sides.right().lines());
        return changelog.isEmpty() ? "only in the models: " + models
                : models.isEmpty() ? "only in the changelog: " + changelog
                : "in the changelog " + changelog + ", in the models " + models;
    }

    /** The changesets that would make them agree. */
    public ModelChangesets proposal() {
        return new ModelChangesets(changelog, models);
    }
}
