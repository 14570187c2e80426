package dev.supportdb.preflight;

import dev.supportdb.session.SupportDatabase;
import java.util.List;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.database.Database;

/** Collects all reasons for which {@link Preflight} would refuse an update, before anyone runs it. */
public final class PreflightFindings {

    private PreflightFindings() {
    }

    /**
     * Runs the checks; writes nothing.
     *
     * @param database  connected
     * @param changelog the path of the master
     * @param parsed    the parsed changelog
     * @param labels    may be null
     */
    public static List<String> of(SupportDatabase database, String changelog, DatabaseChangeLog parsed,
            String contexts, String labels) throws Exception {
        CommandScope update = new CommandScope("update")
                .addArgumentValue("url", database.getConnection().getURL())
                .addArgumentValue(DatabaseChangelogCommandStep.CHANGELOG_FILE_ARG, changelog)
                .addArgumentValue(DatabaseChangelogCommandStep.CONTEXTS_ARG, contexts)
                .addArgumentValue(DatabaseChangelogCommandStep.LABEL_FILTER_ARG, labels)
                .provideDependency(Database.class, database)
                .provideDependency(DatabaseChangeLog.class, parsed)
                .provideDependency(Contexts.class, new Contexts(contexts))
                .provideDependency(LabelExpression.class, new LabelExpression(labels));
        return Preflight.findings(new PlannedRun(update, database));
    }
}
