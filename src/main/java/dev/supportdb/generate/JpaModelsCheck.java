package dev.supportdb.generate;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.verify.ScratchDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.postgresql.util.PSQLException;

/**
 * The JPA classes and the changelog side by side: each makes a database of its own, and the server says what they are.
 * So there is no guessing which words of Hibernate mean which words of Liquibase.
 */
public final class JpaModelsCheck {

    private final JpaSchema changelog;
    private final JpaSchema models;

    private JpaModelsCheck(JpaSchema changelog, JpaSchema models) {
        this.changelog = changelog;
        this.models = models;
    }

    /**
     * Makes both databases, and drops them again.
     *
     * @param server where to make them, with the changelog and its label filter
     * @throws UnusableModelsException when the classes make no tables
     */
    public static JpaModelsCheck of(JpaModels models, ScratchDatabase.Server server)
            throws SQLException, CommandExecutionException {
        // First what may be refused in an instant.
        SchemaFingerprint made = made(models, server);
        return of(models, built(server), made);
    }

    /** Of what fails, Liquibase speaks as if it knew of a single database. */
    private static SchemaFingerprint built(ScratchDatabase.Server server)
            throws SQLException, CommandExecutionException {
        try (ScratchDatabase scratch = server.create("changelog")) {
            scratch.build("""
                    There is nothing to compare the JPA classes with: what the label filter chooses cannot be built in \
                    a scratch database. In the database itself nothing has been changed.""");
            return fingerprint(scratch);
        }
    }

    /** The same with what the changelog builds known already. */
    static JpaModelsCheck of(JpaModels models, SchemaFingerprint changelog, ScratchDatabase.Server server)
            throws SQLException, CommandExecutionException {
        return of(models, changelog, made(models, server));
    }

    private static JpaModelsCheck of(JpaModels models, SchemaFingerprint changelog, SchemaFingerprint made) {
        return new JpaModelsCheck(JpaSchema.of(changelog, models.unmapped()), JpaSchema.of(made, models.unmapped()));
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

    /** A line for each object in which they differ; empty when they agree. */
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
