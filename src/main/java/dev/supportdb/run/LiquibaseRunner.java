package dev.supportdb.run;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.changelog.LiquibaseLogging;
import dev.supportdb.preflight.ChangesetSubset;
import dev.supportdb.preflight.RefuseChange;
import dev.supportdb.session.ConnectionStep;
import dev.supportdb.session.SupportDatabase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.UpdateSummaryEnum;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.FastCheckService;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.CustomChangeException;
import liquibase.exception.LiquibaseException;
import liquibase.exception.MigrationFailedException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.exception.ValidationFailedException;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;

/**
 * Runs Liquibase's own commands on one target, in this process, as the Maven goals of the same names do.
 *
 * <p>Liquibase keeps state for the whole JVM: two commands must never run at the same time in one process, not even
 * against two databases.
 */
public final class LiquibaseRunner {

    /** A sentence for changesets whose checksum in the history is another, which Liquibase only lists. */
    private static final String EDITED = "They were edited after they had run here. Nothing has been changed. Undo the edit "
            + "(git log -p of the file shows it), and write a new changeset for it: ./supportdb revision \"what it does\"";

    /** Opens the connection of a run in place of Liquibase. */
    public interface Connector {
        Connection connect() throws SQLException;
    }

    private final TargetDatabase target;
    private final Path root;
    private final Consumer<String> say;
    private final ChangeExecListener listener;
    /** Attributes of the scope of each run. */
    private final Map<String, Object> settings;
    private final Connector connector;

    /** Creates a runner without output, for the changelog under the working directory. */
    public LiquibaseRunner(TargetDatabase target) {
        this(target, Path.of(""), line -> { }, new DefaultChangeExecListener());
    }

    /**
     * @param root     the folder that the changelog's path starts from
     * @param say      receives the lines that a backfill prints
     * @param listener receives every changeset
     */
    public LiquibaseRunner(TargetDatabase target, Path root, Consumer<String> say, ChangeExecListener listener) {
        this(target, root, say, listener, Map.of(), null);
    }

    private LiquibaseRunner(TargetDatabase target, Path root, Consumer<String> say, ChangeExecListener listener,
            Map<String, Object> settings, Connector connector) {
        this.target = target;
        this.root = root;
        this.say = say;
        this.listener = listener;
        this.settings = settings;
        this.connector = connector;
        LiquibaseLogging.off();
    }

    /** Returns a runner whose rollbacks discard, without a message, the data that only the new schema can hold. */
    public LiquibaseRunner discarding() {
        return discarding(RefuseChange.ALL);
    }

    /** @param names comma-separated tables and columns, or {@code all} */
    public LiquibaseRunner discarding(String names) {
        return with(Map.of(RefuseChange.Settings.DISCARD, names));
    }

    /** Returns a runner for these changesets only, as far as the contexts and labels of the target choose them. */
    public LiquibaseRunner only(ChangesetSubset these) {
        return with(these.inScope());
    }

    /**
     * Returns a runner whose backfills take rows in the same order each time, so that sequences assign the same keys.
     */
    public LiquibaseRunner inSameOrder() {
        return with(Map.of(Backfill.SAME_ORDER, true));
    }

    /** Returns a runner whose backfills never pause between batches, for a database that nobody else uses. */
    public LiquibaseRunner withoutPauses() {
        return with(Map.of(Backfill.REST_RATIO, 0.0));
    }

    private LiquibaseRunner with(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putAll(more);
        return new LiquibaseRunner(target, root, say, listener, all, connector);
    }

    /**
     * Returns a runner that takes a connection from the connector for each command, and closes it afterwards. A
     * backfill has one worker.
     */
    public LiquibaseRunner over(Connector connections) {
        return new LiquibaseRunner(target, root, say, listener, settings, connections);
    }

    public void update() throws CommandExecutionException {
        run("update", Map.of());
    }

    /** Runs the next {@code count} changesets. */
    public void update(int count) throws CommandExecutionException {
        run("updateCount", Map.of("count", count));
    }

    /** Runs everything up to and including the changeset that sets the tag. */
    public void updateTo(String tag) throws CommandExecutionException {
        run("updateToTag", Map.of("tag", tag));
    }

    /** Undoes the last {@code count} changesets. */
    public void rollback(int count) throws CommandExecutionException {
        run("rollbackCount", Map.of("count", count));
    }

    /** Undoes everything, newest first. */
    public void rollback() throws CommandExecutionException {
        rollback(Integer.MAX_VALUE);
    }

    /** Undoes everything that ran after the tag was set. */
    public void rollbackTo(String tag) throws CommandExecutionException {
        run("rollback", Map.of("tag", tag));
    }

    /** Returns the SQL of an update, for review; nothing is run. */
    public String updateSql() throws CommandExecutionException {
        return run("updateSql", Map.of());
    }

    /** Returns the SQL of undoing the last {@code count} changesets; nothing is run. */
    public String rollbackSql(int count) throws CommandExecutionException {
        return run("rollbackCountSql", Map.of("count", count));
    }

    /** Returns the SQL that would undo the pending changesets of an update; nothing is run. */
    public String futureRollbackSql() throws CommandExecutionException {
        return run("futureRollbackSql", Map.of());
    }

    /** Runs any other command of Liquibase with its own arguments, and returns its output. */
    public String run(String command, Map<String, Object> arguments) throws CommandExecutionException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        DefaultChangeExecListener failures = new DefaultChangeExecListener(listener);
        try {
            Map<String, Object> attributes = scope(root, say);
            attributes.putAll(settings);
            Scope.child(attributes, () -> {
                CommandScope scope = new CommandScope(command);
                SupportDatabase database = connector == null ? null : open();
                if (database != null) {
                    scope.addArgumentValue("database", database);
                }
                scope.addArgumentValue("url", target.url());
                scope.addArgumentValue("username", target.username());
                scope.addArgumentValue("password", target.password());
                scope.addArgumentValue("changelogFile", target.changelog());
                scope.addArgumentValue("contextFilter", target.contexts());
                scope.addArgumentValue("labelFilter", target.labels());
                scope.addArgumentValue("changelogParameters", parameters(target));
                scope.addArgumentValue("changeExecListener", failures);
                scope.addArgumentValue("showSummary", UpdateSummaryEnum.OFF);
                arguments.forEach(scope::addArgumentValue);
                scope.setOutput(output);
                try (database) {
                    scope.execute();
                }
            });
        } catch (CommandExecutionException e) {
            throw named(failures, e);
        } catch (Exception e) {
            throw named(failures, new CommandExecutionException(e));
        } finally {
            // Liquibase caches that nothing is pending. After a run of a part of the changelog, this would count for
            // all of it, and Liquibase 4.33 keeps it even after a rollback.
            Scope.getCurrentScope().getSingleton(FastCheckService.class).clearCache();
        }
        return output.toString(StandardCharsets.UTF_8);
    }

    private SupportDatabase open() throws SQLException {
        SupportDatabase database = new SupportDatabase();
        database.setConnection(new JdbcConnection(connector.connect()));
        return database;
    }

    private static CommandExecutionException named(DefaultChangeExecListener failures, CommandExecutionException e) {
        return Stream.concat(failures.getFailedChangeSets().stream(), failures.getFailedRollbackChangeSets().stream())
                .findFirst().<CommandExecutionException>map(changeSet -> new FailedChangeset(changeSet, e)).orElse(e);
    }

    /**
     * Returns the reason of a failure. Liquibase wraps a failure in others, each with the name of its class and the
     * message of the one within. The first line of one of them names the changeset.
     */
    public static String reason(Throwable failure) {
        String changeSet = "";
        Throwable innermost = failure;
        while (isLiquibases(innermost.getCause())) {
            innermost = innermost.getCause();
            if (innermost instanceof MigrationFailedException named) {
                changeSet = named.getMessage().lines().findFirst().orElse("") + "\n";
            }
        }
        String reason = innermost.getMessage().strip().replaceFirst(
                "(?s)^(The file .+ was not found) in the configured search path:.*",
                "$1: restore it, or remove what names it.");
        if (isEdit(innermost)) {
            reason += "\n" + EDITED;
        }
        // The failure of the checksums has that line in its own message.
        return reason.startsWith(changeSet) ? reason : changeSet + reason;
    }

    /** Returns whether a run was refused because changesets were edited after they had run. */
    public static boolean isOfEdits(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).anyMatch(LiquibaseRunner::isEdit);
    }

    private static boolean isEdit(Throwable failure) {
        return failure instanceof ValidationFailedException invalid && !invalid.getInvalidMD5Sums().isEmpty();
    }

    private static boolean isLiquibases(Throwable failure) {
        return failure instanceof LiquibaseException || failure instanceof UnexpectedLiquibaseException
                || failure instanceof CustomChangeException;
    }

    public static ChangeLogParameters parameters(TargetDatabase target) {
        ChangeLogParameters parameters = new ChangeLogParameters();
        target.parameters().forEach(parameters::set);
        return parameters;
    }

    /**
     * Opens a database outside a command, its session prepared for the changelog of the target, which names the schema.
     *
     * @param root the folder that the changelog's path starts from
     * @throws LiquibaseException if no connection can be opened, or the changelog cannot be read
     */
    public static Database open(TargetDatabase target, Path root) throws LiquibaseException {
        Map<String, Object> scope = scope(root, line -> { });
        scope.putAll(ConnectionStep.inScope(target.changelog()));
        try {
            return Scope.child(scope, () -> DatabaseFactory.getInstance()
                    .openDatabase(target.url(), target.username(), target.password(), null, null));
        } catch (LiquibaseException e) {
            throw e;
        } catch (UnexpectedLiquibaseException e) {
            throw new CommandExecutionException(e.getMessage(), e);
        } catch (Exception e) {
            throw new CommandExecutionException(e);
        }
    }

    /** Returns the scope values by which Liquibase finds its files and prints its messages. */
    public static Map<String, Object> scope(Path root, Consumer<String> say) {
        try {
            Map<String, Object> scope = new HashMap<>();
            scope.put(Scope.Attr.resourceAccessor.name(), new CompositeResourceAccessor(
                    new DirectoryResourceAccessor(root.toAbsolutePath()), new ClassLoaderResourceAccessor()));
            scope.put(Scope.Attr.ui.name(), new ConsumerUi(say));
            scope.put(CommandScope.DO_NOT_SEND_EXCEPTION_TO_UI, true);
            scope.put("liquibase.analytics.enabled", false);
            return scope;
        } catch (IOException e) {
            throw new UncheckedIOException("The folder of the changelog cannot be read: " + root.toAbsolutePath(), e);
        }
    }
}
