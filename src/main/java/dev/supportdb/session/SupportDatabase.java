package dev.supportdb.session;

import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLiteral;
import dev.supportdb.postgres.SynchronousStandbys;
import dev.supportdb.postgres.UserMessages;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import liquibase.CatalogAndSchema;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.change.custom.CustomChangeWrapper;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.database.DatabaseConnection;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.snapshot.SnapshotControl;
import liquibase.sql.visitor.SqlVisitor;
import liquibase.statement.SqlStatement;

/**
 * Gives Liquibase a PostgreSQL whose session cannot hurt a running application.
 *
 * <p>Registered as a service with a higher priority than Liquibase's own, it is what every goal of every integration
 * gets, so this is the one place that guarantees a lock timeout for all DDL, forward and back. It only passes calls on:
 *
 * <pre>
 * Liquibase calls                               and this class asks
 * --------------------------------------------  --------------------------------------------------------------
 * setConnection, the step ConnectionStep        SessionSettings to prepare the session
 * setAutoCommit, at the border of a changeset   ChangesetTransaction to begin, SessionSettings to prepare anew
 * executeStatements, executeRollbackStatements  SessionLock whether the run still has its lock
 *                                               ChangesetTransaction to note a change
 * execute                                       RetryableSteps to run it, or SessionStatements under a long timeout
 * commit, rollback                              ChangesetTransaction whether a commit may be passed on
 * markChangeSetExecStatus, removeRanStatus      RetryableSteps to write the row, ChangesetTransaction to finish
 * the end of the command, close                 SessionSnapshot to restore a borrowed session
 * </pre>
 *
 * <p>A changelog that does not ask for the rules of this project ({@link ChangelogSchema}) is run without its settings
 * and retries: what remains is the lock, and one commit for a changeset and its row.
 *
 * <p>In SQL mode the same calls write a script, with what {@link SessionStatements} adds to it.
 */
public final class SupportDatabase extends PostgresDatabase {

    /** Registers the settings with Liquibase, as a service. */
    public static final class Settings implements AutoloadedConfigurations {

        private static final ConfigurationDefinition<Boolean> ENABLED =
                new ConfigurationDefinition.Builder("supportdb").define("enabled", Boolean.class)
                        .setDescription("Whether support-db prepares and checks each run; false: Liquibase alone")
                        .setValueHandler(Settings::trueOrFalse).setDefaultValue(true).build();

        /**
         * Reads the value strictly: it is read before a run, and by commands that would show Liquibase's own message.
         */
        private static Boolean trueOrFalse(Object value) {
            if (value == null || value instanceof Boolean) {
                return (Boolean) value;
            }
            return switch (value.toString().strip().toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException(
                        "supportdb.enabled must be true or false, not '%s'".formatted(value));
            };
        }
    }

    private static final int OLDEST_SERVER = 15;

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /**
     * Drops the functions and types of a schema that belong to this user and to no extension, all at once because they
     * may depend on each other.
     */
    private static final String DROP_REST = """
            do $drop$
            declare
                _schema regnamespace := quote_ident(%s)::regnamespace;
                _functions text;
                _types text;
            begin
                select string_agg(oid::regprocedure::text, ', ') into _functions from pg_proc
                where pronamespace = _schema and pg_has_role(proowner, 'usage') and not exists (select from pg_depend
                    where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype in ('e', 'i'));
                if _functions is not null then
                    execute 'drop routine ' || _functions;
                end if;
                select string_agg(format('%%s.%%I', _schema, typname), ', ') into _types from pg_type
                where typnamespace = _schema and pg_has_role(typowner, 'usage')
                    and (typtype in ('e', 'd', 'r')
                        or typtype = 'c' and (select relkind = 'c' from pg_class c where c.oid = typrelid))
                    and not exists (select from pg_depend
                        where classid = 'pg_type'::regclass and objid = pg_type.oid and deptype = 'e');
                if _types is not null then
                    execute 'drop type ' || _types;
                end if;
            end $drop$""";

    private final ChangesetTransaction transaction = new ChangesetTransaction();
    private final RetryableSteps steps = new RetryableSteps(this, super::rollback);
    private final SessionStatements session = new SessionStatements(this);

    /** The schema that the caller has chosen; null for the first of the search path, which Liquibase finds. */
    private String chosenSchema;

    /** The auto-commit mode of the connection before Liquibase changed it. */
    private boolean autoCommitBefore;

    /** The number of running commands: some commands run others. */
    private int commands;

    private SessionPlace place;

    /** The settings of the session; null in a borrowed session outside a command. */
    private String settings;

    /** The schema of the current changelog if it uses the rules; otherwise null. */
    private String schema;

    private String changelog;
    private boolean hasRules;

    /** The borrowed session to restore; null if there is none. */
    private SessionSnapshot borrowed;

    /**
     * Returns a priority above Liquibase's own, or below it if this class is switched off. Of several with one name
     * Liquibase takes only the first, in the order that it found when it started.
     */
    @Override
    public int getPriority() {
        return isEnabled() ? PRIORITY_DATABASE : PRIORITY_DEFAULT - 1;
    }

    /**
     * Returns whether this class is enabled. Everything else of this project works only with it, and so is disabled
     * with it.
     *
     * @throws IllegalArgumentException if the setting is neither true nor false
     */
    public static boolean isEnabled() {
        try {
            return Settings.ENABLED.getCurrentValue();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(SettingsCheck.reason(e), e);
        }
    }

    /** Accepts also text that is no JDBC URL, so that {@link EnvironmentConnection} can say what is wrong with it. */
    @Override
    public String getDefaultDriver(String url) {
        return isOtherJdbc(url) ? null : "org.postgresql.Driver";
    }

    /** Returns whether the connection is to another kind of database, which an application may use too. */
    static boolean isOtherJdbc(String url) {
        return url != null && url.startsWith("jdbc:") && !url.startsWith("jdbc:postgresql:");
    }

    /**
     * Prepares a session that Liquibase has opened. A borrowed one is prepared when a command begins, so that it can be
     * restored when that ends.
     *
     * <p>Throws {@link UnexpectedLiquibaseException} when Liquibase or the server is too old, or the session cannot be
     * prepared.
     */
    @Override
    public void setConnection(DatabaseConnection connection) {
        LiquibaseVersion.refusal().ifPresent(refusal -> {
            throw new UnexpectedLiquibaseException(refusal);
        });
        try {
            autoCommitBefore = connection.getAutoCommit();
            super.setConnection(connection);
            prepareNew(connection);
        } catch (DatabaseException e) {
            throw new UnexpectedLiquibaseException("Cannot prepare the session: " + e.getMessage(), e);
        }
    }

    private void prepareNew(DatabaseConnection connection) throws DatabaseException {
        if (getDatabaseMajorVersion() < OLDEST_SERVER) {
            throw new UnexpectedLiquibaseException("\nThe server is PostgreSQL %s; %d or later is needed."
                    .formatted(getDatabaseProductVersion(), OLDEST_SERVER));
        }
        SettingsCheck.run();
        if (connection instanceof EnvironmentConnection) {
            prepare(ConnectionStep.changelogOfScope());
        }
    }

    /**
     * Prepares the session for a command.
     *
     * @param changelogFile the path of its changelog; null for none
     */
    void begin(String changelogFile) throws DatabaseException {
        commands++;
        boolean isPrepared = settings != null && Objects.equals(changelog, changelogFile);
        if (commands == 1 && !isPrepared) {
            prepare(changelogFile);
        }
    }

    /** Restores a borrowed session. */
    void end() throws DatabaseException {
        commands--;
        if (commands == 0) {
            restore();
        }
    }

    private void prepare(String changelogFile) throws DatabaseException {
        schema = isEnabled() ? ChangelogSchema.of(changelogFile).orElse(null) : null;
        changelog = changelogFile;
        hasRules = isEnabled() && (schema != null || changelogFile == null);
        if (!(getConnection() instanceof JdbcConnection jdbc)) {
            return;
        }
        try {
            Connection connection = jdbc.getUnderlyingConnection();
            if (jdbc instanceof EnvironmentConnection) {
                Sql.execute(connection, "reset all");
            } else {
                borrowed = SessionSnapshot.of(connection, autoCommitBefore);
                super.setAutoCommit(getAutoCommitMode());
            }
            place = SessionPlace.of(connection, getDatabaseChangeLogTableName());
            settings = settings();
            if (jdbc instanceof EnvironmentConnection own) {
                own.furtherWith(settings);
            }
            applySettings();
            super.setDefaultSchemaName(chosenSchema);
        } catch (SQLException e) {
            throw new DatabaseException(e.getMessage(), e);
        }
    }

    /**
     * Chooses the settings. A command without a changelog works in the schema of the history, by the rules unless
     * Liquibase alone has created that history.
     */
    private String settings() {
        hasRules &= changelog != null || place.history() == null || place.isRuled();
        return hasRules ? SessionSettings.underRules(schemaOfRun()) : SessionSettings.FOR_LOCK;
    }

    private String schemaOfRun() {
        return Stream.of(schema, place.history(), place.named()).filter(Objects::nonNull).findFirst()
                .orElse(SessionSettings.PUBLIC);
    }

    private void restore() throws DatabaseException {
        if (borrowed == null) {
            return;
        }
        SessionSnapshot snapshot = borrowed;
        borrowed = null;
        settings = null;
        try {
            snapshot.restore();
        } catch (SQLException e) {
            throw new DatabaseException("The settings of the session could not be restored: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws DatabaseException {
        try {
            restore();
        } finally {
            super.close();
        }
    }

    /**
     * Drops functions and types as well, which Liquibase leaves: the next update would find them in its way. Only where
     * a run under the rules has created a history.
     */
    @Override
    public void dropDatabaseObjects(CatalogAndSchema schemaToDrop, SnapshotControl snapshotControl)
            throws LiquibaseException {
        String name = schemaToDrop.customize(this).getSchemaName();
        super.dropDatabaseObjects(schemaToDrop, snapshotControl);
        if (hasRules && place != null && place.ruled().contains(name)) {
            LiquibaseExecutor.execute(this, DROP_REST.formatted(SqlLiteral.of(name)));
            commit();
        }
    }

    /** Records the caller's choice. Liquibase keeps what it finds itself, also for the next changelog. */
    @Override
    public void setDefaultSchemaName(String name) {
        chosenSchema = name;
        super.setDefaultSchemaName(name);
    }

    /** Returns the schema of the run also if it does not exist, or the role may not use it: checks and errors name it. */
    @Override
    public String getDefaultSchemaName() {
        String found = super.getDefaultSchemaName();
        return found == null && hasRules && place != null ? schemaOfRun() : found;
    }

    /**
     * Returns whether the rules of this project apply: the current changelog asks for them, or the history was created
     * under them.
     */
    public boolean hasRules() {
        return hasRules;
    }

    /** Returns the schema of the changelog; {@code public} if it names none. */
    public String schemaOfChangelog() {
        return Objects.requireNonNullElse(schema, SessionSettings.PUBLIC);
    }

    /** Returns the schema that the connection or the caller names; null if neither does. */
    public String namedSchema() {
        return chosenSchema != null || place == null ? chosenSchema : place.named();
    }

    /**
     * Begins a changeset. Liquibase calls it also at the end of one outside a transaction, even when that failed: no
     * changeset inherits what another has set for its session.
     */
    @Override
    public void setAutoCommit(boolean autoCommit) throws DatabaseException {
        transaction.start(!autoCommit);
        super.setAutoCommit(autoCommit);
        steps.clear();
        applySettings();
    }

    private void applySettings() throws DatabaseException {
        if (settings != null && getConnection() instanceof JdbcConnection connection) {
            try {
                SessionSettings.apply(connection.getUnderlyingConnection(), settings);
            } catch (SQLException e) {
                throw new DatabaseException(INSUFFICIENT_PRIVILEGE.equals(e.getSQLState()) ? """
                        %s. Every session begins with a block in it. As a superuser run:
                          grant usage on language plpgsql to "%s";""".formatted(e.getMessage(),
                        connection.getConnectionUserName()) : e.getMessage(), e);
            }
        }
    }

    /**
     * Finds a changeset in Liquibase's list of the history. Liquibase itself looks for the table first, which a script
     * for an empty database is only about to create; the list has what the script has done so far, on which later
     * changesets of the script depend.
     */
    @Override
    public RanChangeSet getRanChangeSet(ChangeSet changeSet) throws DatabaseException {
        return getRanChangeSetList().stream().filter(ran -> ran.isSameAs(changeSet)).findFirst().orElse(null);
    }

    /** Adds the path that Liquibase 4.33 leaves out and then needs, when a file stands in for the history. */
    @Override
    public List<RanChangeSet> getRanChangeSetList() throws DatabaseException {
        List<RanChangeSet> history = super.getRanChangeSetList();
        history.stream().filter(ran -> ran.getStoredChangeLog() == null)
                .forEach(ran -> ran.setStoredChangeLog(ran.getChangeLog()));
        return history;
    }

    /** Runs SQL changes by statement, and all others as a whole: generating their statements may already run them. */
    @Override
    public void executeStatements(Change change, DatabaseChangeLog changeLog, List<SqlVisitor> sqlVisitors)
            throws LiquibaseException {
        noteChange();
        if (change instanceof AbstractSQLChange) {
            execute(change.generateStatements(this), sqlVisitors);
        } else if (change instanceof CustomChangeWrapper) {
            stopRetryingInTransaction();
            super.executeStatements(change, changeLog, sqlVisitors);
        } else {
            retry(() -> super.executeStatements(change, changeLog, sqlVisitors));
        }
    }

    @Override
    public void executeRollbackStatements(Change change, List<SqlVisitor> sqlVisitors) throws LiquibaseException {
        if (change instanceof CustomChangeWrapper) {
            stopRetryingInTransaction();
        }
        super.executeRollbackStatements(change, sqlVisitors);
    }

    @Override
    public void executeRollbackStatements(SqlStatement[] statements, List<SqlVisitor> sqlVisitors)
            throws LiquibaseException {
        noteChange();
        super.executeRollbackStatements(statements, sqlVisitors);
    }

    @Override
    public void execute(SqlStatement[] statements, List<SqlVisitor> sqlVisitors) throws LiquibaseException {
        for (SqlStatement statement : statements) {
            RetryableSteps.Step step = () -> super.execute(new SqlStatement[] {statement}, sqlVisitors);
            if (hasRules && SessionStatements.worksConcurrently(statement)) {
                session.runWithLongLockTimeout(step);
            } else {
                retry(step);
            }
        }
    }

    /**
     * Checks the run's lock before the first change only: after later changes tables are locked, which must not wait
     * for a query.
     */
    private void noteChange() throws DatabaseException {
        boolean first = !transaction.hasChanges();
        if (first) {
            SessionLock.requireHeld(this);
        }
        transaction.change();
        if (first && transaction.hasChanges() && hasRules) {
            session.beginTransaction();
        }
    }

    /**
     * Stops retries of a transaction with a custom change, which cannot be repeated. Outside a transaction, it has
     * committed its work.
     */
    private void stopRetryingInTransaction() {
        if (transaction.isOpen()) {
            steps.stopRetrying();
        }
    }

    private void retry(RetryableSteps.Step step) throws LiquibaseException {
        if (hasRules) {
            steps.run(step, transaction.isOpen());
        } else {
            step.run();
        }
    }

    /** Commits, unless {@link ChangesetTransaction} withholds it until the row of the changeset is written. */
    @Override
    public void commit() throws DatabaseException {
        if (transaction.commit()) {
            commitAndConfirm();
        }
    }

    /** Commits, then waits for the standbys: the commit itself does not wait, since it has tables locked. */
    private void commitAndConfirm() throws DatabaseException {
        super.commit();
        if (hasRules && LiquibaseExecutor.updatesDatabase(this)
                && getConnection() instanceof JdbcConnection connection) {
            try {
                SynchronousStandbys.await(connection.getUnderlyingConnection(), UserMessages.ofScope());
            } catch (SQLException e) {
                throw new DatabaseException(e.getMessage(), e);
            }
        }
    }

    @Override
    public void rollback() throws DatabaseException {
        transaction.rollBack();
        steps.clear();
        if (borrowed == null && getConnection() instanceof JdbcConnection connection
                && !(connection instanceof EnvironmentConnection)) {
            // Here Liquibase would set a search path.
            connection.rollback();
            return;
        }
        super.rollback();
    }

    @Override
    public void markChangeSetExecStatus(ChangeSet changeSet, ChangeSet.ExecType execType) throws DatabaseException {
        commitWithRow(() -> {
            super.markChangeSetExecStatus(changeSet, execType);
            session.deleteUndoneRecords(changeSet);
        });
    }

    @Override
    public void removeRanStatus(ChangeSet changeSet) throws DatabaseException {
        commitWithRow(() -> {
            super.removeRanStatus(changeSet);
            session.deleteOtherRecords(changeSet);
        });
    }

    /** @param row writes or deletes the changeset's row in the history, which other sessions may have locked */
    private void commitWithRow(RetryableSteps.Step row) throws DatabaseException {
        boolean joined = transaction.hasChanges();
        try {
            retry(row);
        } catch (DatabaseException e) {
            throw e;
        } catch (LiquibaseException e) {
            throw new DatabaseException(e);
        }
        transaction.finish();
        if (joined && hasRules) {
            session.commitTransaction();
        }
        steps.clear();
        commitAndConfirm();
    }
}
