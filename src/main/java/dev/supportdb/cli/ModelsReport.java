package dev.supportdb.cli;

import dev.supportdb.generate.JpaModels;
import dev.supportdb.generate.JpaModelsCheck;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.Rehearsal;
import dev.supportdb.verify.ScratchDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.CommandExecutionException;

/** Reports where the JPA classes differ from the schema that the changelog builds. */
final class ModelsReport {

    private ModelsReport() {
    }

    /**
     * @param server       a database of the server on which both schemas are built, with the changelog and its label
     *                     filter
     * @param autogenerate the command that writes changesets for the differences
     */
    static CheckCommand.Verdict of(TargetDatabase server, String autogenerate)
            throws SQLException, CommandExecutionException {
        Optional<JpaModels> models = JpaModels.find(ModelsReport.class.getClassLoader());
        if (!server.changelog().equals(Rehearsal.CHANGELOG)) {
            return verdict(List.of(), "There are no JPA classes for %s.".formatted(server.changelog()));
        }
        if (models.isEmpty()) {
            return verdict(List.of(), "The JPA classes were not compared. " + JpaModels.MISSING);
        }
        List<String> differences = JpaModelsCheck
                .of(models.get(), ScratchDatabase.on(server), new DefaultChangeExecListener()).differences();
        return verdict(differences, differences.isEmpty() ? "The JPA classes match the whole changelog."
                : "The JPA classes do not match the whole changelog. Add what only the changelog has to "
                        + "src/models, or let this write the changesets that follow the classes: %s\n  "
                                .formatted(autogenerate)
                        + String.join("\n  ", differences));
    }

    private static CheckCommand.Verdict verdict(List<String> differences, String text) {
        return new CheckCommand.Verdict("models", differences.isEmpty(), text, Map.of("differences", differences));
    }
}
