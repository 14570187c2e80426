package dev.supportdb.preflight;

import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SynchronousStandbys;
import dev.supportdb.postgres.UserMessages;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;

/**
 * Checks the standbys and subscribers of the server: whether the synchronous ones confirm commits, and which are gone.
 */
public final class StandbysCheck {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /**
     * Replication slots without a reader, on a server that accepts writes. Every role may see them; the column
     * {@code inactive_since} exists from version 17.
     */
    private static final String UNUSED_SLOTS = """
            select format('Replication slot %s is not in use%s: ', slot_name,
                    ' since ' || (to_jsonb(s) ->> 'inactive_since')::timestamptz(0))
                || case when wal_status = 'lost' then format(
                    'the server has removed WAL that its %s still needs, which must be rebuilt.', reader)
                else format('the server keeps %s of WAL for its %s, %s. Backfills do not wait for it '
                    '(supportdb.backfill.hold.slots=true makes them wait).',
                    pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), reader,
                    coalesce(pg_size_pretty(safe_wal_size) || ' more and it is lost', 'and of all that is written now'))
                end
                || format(E' If it is not needed any more:\\n  select pg_drop_replication_slot(%L);', slot_name)
            from pg_replication_slots s
            cross join (values ('physical', 'standby'), ('logical', 'subscriber')) kind (of, reader)
            where slot_type = kind.of and not active and not temporary and not pg_is_in_recovery()
                and (restart_lsn is not null or wal_status = 'lost')
            order by slot_name
            """;

    private final Database database;
    private final Connection connection;

    StandbysCheck(Database database) {
        this.database = database;
        this.connection = database.getConnection().getUnderlyingConnection();
    }

    /** Returns a sentence for each replication slot without a reader; it may have several lines. */
    public static List<String> unusedSlots(Connection connection) throws SQLException {
        return Sql.texts(connection, UNUSED_SLOTS);
    }

    /** Refuses a run if no commit would be confirmed. */
    void checkConfirmation() throws SQLException, DatabaseException, CommandExecutionException {
        database.rollback();
        Optional<String> missing = SynchronousStandbys.missing(connection, PATIENCE);
        if (missing.isPresent()) {
            throw new CommandExecutionException("""
                    No synchronous standby has confirmed a commit within %d s (%s). Every commit on this server waits, \
                    those of applications as well. Nothing has been changed. Bring the standby back; or, as a \
                    superuser, let the server work without it:
                      alter system set synchronous_standby_names = '';
                      select pg_reload_conf();
                    To let this command alone commit without waiting, put this before it:
                      %s""".formatted(PATIENCE.toSeconds(), missing.get(), ReadOnlyCheck.variable(ReadOnlyCheck.with(
                    database.getConnection().getURL(), "options=-c%20synchronous_commit=local"))));
        }
    }

    /** Makes a script report replication slots without a reader. */
    static void write(Database database) throws DatabaseException {
        LiquibaseExecutor.execute(database, """
                do $slots$
                declare
                    _slot text;
                begin
                    for _slot in
                %s    loop
                        raise warning '%%', _slot;
                    end loop;
                end
                $slots$""".formatted(UNUSED_SLOTS.indent(8)));
    }

    /** Reports replication slots without a reader: the server would keep the WAL of the run for them. */
    void sayUnusedSlots() throws SQLException, DatabaseException {
        List<String> slots;
        try (CatalogSession session = CatalogSession.of(database)) {
            slots = unusedSlots(session.connection());
        }
        slots.forEach(UserMessages.ofScope());
    }
}
