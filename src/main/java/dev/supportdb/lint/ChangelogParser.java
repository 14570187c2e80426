package dev.supportdb.lint;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.LiquibaseLogging;
import dev.supportdb.lint.ParsedChangeset.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.change.core.ExecuteShellCommandChange;
import liquibase.change.core.TagDatabaseChange;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.database.OfflineConnection;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorFactory;

/** Parses the files again, as Liquibase does, and lets it generate the SQL of each change. Needs no database. */
final class ChangelogParser {

    private final Path root;
    private final List<ChangelogFile> sources;

    ChangelogParser(Path root, List<ChangelogFile> sources) {
        this.root = root;
        this.sources = sources;
        LiquibaseLogging.off();
    }

    /** Adds the parsed changelogs and changesets to the project. */
    ChangelogProject parse(ChangelogProject project) throws IOException, Refused {
        ResourceAccessor files = new CompositeResourceAccessor(
                new DirectoryResourceAccessor(root.toAbsolutePath()), new ClassLoaderResourceAccessor());
        List<Changelog> changelogs = new ArrayList<>();
        List<ParsedChangeset> changesets = new ArrayList<>();
        try {
            Scope.child(Map.of(Scope.Attr.resourceAccessor.name(), files), () -> {
                Database database = new PostgresDatabase();
                database.setConnection(new OfflineConnection("offline:postgresql", files));
                for (ChangelogFile master : sources) {
                    if (!master.items("include").isEmpty()) {
                        DatabaseChangeLog log = Changelog.parse(master.path(), Map.of());
                        changelogs.add(Changelog.of(log));
                        read(log, database, changesets);
                    }
                }
            });
            return new ChangelogProject(root, sources, project.includes(), changelogs, changesets);
        } catch (Exception e) {
            throw new Refused(finding(reason(e), files), e);
        }
    }

    /** Liquibase cannot parse the changelog, for a reason that no rule has found. */
    static final class Refused extends Exception {

        private static final long serialVersionUID = 1;

        private final transient Finding finding;

        private Refused(Finding finding, Exception cause) {
            super(finding.message(), cause);
            this.finding = finding;
        }

        Finding finding() {
            return finding;
        }
    }

    /**
     * Places the failure at the changeset that Liquibase names, in the file that Liquibase cannot read alone either.
     */
    private Finding finding(String reason, ResourceAccessor files) {
        ChangelogFile source = sources.stream().filter(feature -> feature.items("include").isEmpty())
                .filter(feature -> !isRead(feature, files)).findFirst().orElse(sources.get(0));
        int line = source.items("changeSet").stream().filter(changeset -> reason.contains(changeset.text("id")))
                .mapToInt(YamlElement::line).findFirst().orElse(1);
        return new Finding(source.path(), line, ValidityRules.VALID, "Liquibase says: %s.".formatted(
                ValidityRules.sentence(reason)), "# add what is missing, or remove what Liquibase does not know");
    }

    private static boolean isRead(ChangelogFile feature, ResourceAccessor files) {
        try {
            Scope.child(Map.of(Scope.Attr.resourceAccessor.name(), files),
                    () -> Changelog.parse(feature.path(), Map.of()));
            return true;
        } catch (Exception e) {
            return false;
        }
    }

    private static String reason(Throwable failure) {
        return failure.getMessage() == null && failure.getCause() != null
                ? reason(failure.getCause()) : String.valueOf(failure.getMessage());
    }

    private void read(DatabaseChangeLog log, Database database, List<ParsedChangeset> changesets) {
        Map<String, List<ChangeSet>> byFile = log.getChangeSets().stream()
                .collect(Collectors.groupingBy(changeSet -> changeSet.getChangeLog().getPhysicalFilePath()));
        for (ChangelogFile source : sources) {
            List<ChangeSet> parsed = byFile.getOrDefault(source.path(), List.of());
            List<YamlElement> written = source.items("changeSet");
            for (int i = 0; i < Math.min(parsed.size(), written.size()); i++) {
                changesets.add(changeset(source, written.get(i), parsed.get(i), database));
            }
        }
    }

    private static ParsedChangeset changeset(ChangelogFile source, YamlElement element, ChangeSet parsed,
            Database database) {
        List<YamlElement> changes = element.child("changes").map(YamlElement::children).orElse(List.of());
        List<YamlElement> rollback = element.child("rollback")
                .map(block -> block.isText() ? statements(block, parsed) : block.children()).orElse(List.of());
        List<Step> forward = steps(changes, parsed.getChanges(), false, database);
        List<Step> back = element.child("rollback").isPresent()
                ? steps(rollback, parsed.getRollback().getChanges(), false, database)
                : steps(changes, parsed.getChanges(), true, database);
        return new ParsedChangeset(source, element, parsed, forward, back);
    }

    /** The statements of a rollback that is SQL and not a list; all of them have the place of the block. */
    private static List<YamlElement> statements(YamlElement block, ChangeSet parsed) {
        return Collections.nCopies(parsed.getRollback().getChanges().size(), block);
    }

    private static List<Step> steps(List<YamlElement> written, List<Change> parsed, boolean undo, Database database) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < Math.min(written.size(), parsed.size()); i++) {
            steps.add(step(written.get(i), parsed.get(i), undo, database));
        }
        return steps;
    }

    private static Step step(YamlElement written, Change change, boolean undo, Database database) {
        List<String> errors = errors(change, database);
        if (errors.isEmpty()) {
            try {
                return new Step(written, change, errors, sql(change, undo, database));
            } catch (RuntimeException e) {
                errors = List.of(reason(e)); // For example, a file is missing.
            }
        }
        return new Step(written, change, errors, "");
    }

    private static List<String> errors(Change change, Database database) {
        try {
            return change.validate(database).getErrorMessages();
        } catch (UnexpectedLiquibaseException e) {
            return List.of(reason(e));
        }
    }

    private static String sql(Change change, boolean undo, Database database) {
        if (change instanceof CustomChangeWrapper custom) {
            return Stream.of(undo ? "undoPrepare" : "prepare", undo ? "undoFinish" : "finish")
                    .map(custom::getParamValue).filter(script -> script != null).collect(Collectors.joining(";\n"));
        }
        if (undo || change instanceof TagDatabaseChange || Changelog.isGuard(change)) {
            return "";
        }
        if (change instanceof ExecuteShellCommandChange) {
            return ""; // To get its SQL, Liquibase would run the command.
        }
        if (change instanceof AbstractSQLChange sql && sql.getEndDelimiter() == null) {
            return String.valueOf(sql.getSql());
        }
        return Arrays.stream(SqlGeneratorFactory.getInstance().generateSql(change, database))
                .map(Sql::toSql).collect(Collectors.joining(";\n"));
    }
}
