package dev.supportdb.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The synchronous standbys that a commit waits for, if the server has any.
 *
 * <p>A commit that waits for a standby keeps its locks, and if no standby answers, it keeps them for ever: nobody could
 * read the table that it has altered. So a session commits locally ({@link #COMMIT_LOCALLY}), and afterwards, with
 * nothing locked, waits for the same confirmation. If others see the change in between, their own commits wait for it
 * as well, since they come later in the log.
 *
 * <p>A session with {@code synchronous_commit} {@code local} or {@code off} waits for no standby, and neither does
 * this class.
 */
public final class SynchronousStandbys {

    /** The setting for a session, as a statement, so that a script has it as well. */
    public static final String COMMIT_LOCALLY = """
            do $$ begin
                if current_setting('synchronous_commit') <> 'off' then
                    set synchronous_commit = local;
                end if;
            end $$""";

    /**
     * SQL that waits until the standbys have everything committed so far, if the server has any and the login waits for
     * them. A message in the log is enough: any role may write one, and nobody reads it.
     */
    public static final String CONFIRM = """
            do $$ begin
                if current_setting('synchronous_standby_names') <> '' then
                    set local synchronous_commit to default;
                    perform pg_catalog.pg_logical_emit_message(true, 'support-db', 'confirm');
                end if;
            end $$""";

    /**
     * The same with a commit inside: a statement timeout then ends the wait with a warning, and the transaction stays.
     */
    private static final String TRY_TO_CONFIRM = CONFIRM.replace("\n    end if;", "\n        commit;\n    end if;");

    /** Asked after each commit, so it reads no view. */
    private static final String WAITS = "select current_setting('synchronous_standby_names') <> ''";

    /** Names the connected standbys: every role sees their names, but not their state. */
    private static final String EXPECTED = """
            select format('synchronous_standby_names is %L, connected: %s',
                current_setting('synchronous_standby_names'),
                coalesce((select string_agg(application_name, ', ' order by application_name)
                          from pg_stat_replication), 'none'))
            where (select reset_val from pg_settings where name = 'synchronous_commit') not in ('off', 'local')
            """;

    private static final Duration ONE_TRY = Duration.ofSeconds(5);

    private SynchronousStandbys() {
    }

    /**
     * Asks the standbys to confirm everything committed so far.
     *
     * @param connection outside a transaction; its statement timeout is 0 afterwards
     * @param patience   how long to wait for them
     * @return the standbys that the server waits for, if not enough of them answered in time
     */
    public static Optional<String> missing(Connection connection, Duration patience) throws SQLException {
        Optional<String> expected = Sql.isTrue(connection, WAITS)
                ? Sql.optionalRow(connection, EXPECTED, row -> row.getString(1)) : Optional.empty();
        boolean autoCommit = connection.getAutoCommit();
        if (!autoCommit) {
            connection.rollback();
        }
        if (expected.isEmpty()) {
            return expected;
        }
        connection.setAutoCommit(true);
        Sql.execute(connection, "set statement_timeout = " + patience.toMillis());
        long start = System.nanoTime();
        Sql.execute(connection, TRY_TO_CONFIRM);
        boolean confirmed = System.nanoTime() - start < patience.toNanos();
        Sql.execute(connection, "set statement_timeout = 0");
        connection.setAutoCommit(autoCommit);
        return confirmed ? Optional.empty() : expected.map(PrintableText::line);
    }

    /**
     * Waits until the standbys have confirmed everything committed so far, however long that takes: nothing is locked.
     *
     * @param connection outside a transaction; its statement timeout is 0 afterwards
     * @param say        receives the reason of a long wait
     */
    public static void await(Connection connection, Consumer<String> say) throws SQLException {
        boolean waited = false;
        for (Optional<String> missing; (missing = missing(connection, ONE_TRY)).isPresent(); waited = true) {
            say.accept("Waiting for a synchronous standby to confirm the last commit (%s). Nothing is locked meanwhile."
                    .formatted(missing.get()));
        }
        if (waited) {
            say.accept("A synchronous standby has confirmed the last commit");
        }
    }
}
