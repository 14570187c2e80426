package dev.supportdb.changelog;

import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.RanChangeSet;
import liquibase.precondition.Precondition;
import liquibase.precondition.core.AndPrecondition;
import liquibase.precondition.core.ChangeSetExecutedPrecondition;
import liquibase.precondition.core.PreconditionContainer;
import liquibase.precondition.core.PreconditionContainer.FailOption;

/**
 * A changeset that another one requires by its {@code changeSetExecuted} precondition. Excluded are alternatives
 * ("or"), changesets that must not have run ("not"), and preconditions that only mark the changeset as run.
 */
record Dependency(RanChangeSet wanted, FailOption onFail) {

    static Stream<Dependency> of(ChangeSet changeSet) {
        PreconditionContainer preconditions = changeSet.getPreconditions();
        if (preconditions == null || preconditions.getOnFail() != FailOption.HALT
                && preconditions.getOnFail() != FailOption.CONTINUE) {
            return Stream.empty();
        }
        return executed(preconditions)
                .map(wanted -> new Dependency(identity(wanted, changeSet), preconditions.getOnFail()));
    }

    private static Stream<ChangeSetExecutedPrecondition> executed(Precondition precondition) {
        // The container of the preconditions is an AndPrecondition too; "or" and "not" are no dependency.
        return precondition instanceof AndPrecondition all
                ? all.getNestedPreconditions().stream().flatMap(Dependency::executed)
                : precondition instanceof ChangeSetExecutedPrecondition one ? Stream.of(one) : Stream.empty();
    }

    private static RanChangeSet identity(ChangeSetExecutedPrecondition wanted, ChangeSet wanting) {
        String file = wanted.getChangeLogFile() == null ? wanting.getFilePath() : wanted.getChangeLogFile();
        return new RanChangeSet(file, wanted.getId(), wanted.getAuthor(),
                null, null, null, null, null, null, null, null, null);
    }
}
