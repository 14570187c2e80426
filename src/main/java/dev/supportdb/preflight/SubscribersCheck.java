package dev.supportdb.preflight;

import static java.util.stream.Collectors.joining;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.objects.SchemaEdit;
import dev.supportdb.postgres.Sql;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;

/**
 * Finds logical subscribers of the tables that a run changes, and subscriptions that write to them. PostgreSQL
 * replicates rows and no DDL: a subscriber without a new column, or with a constraint that the old rows violate, stops
 * at the first changed row, and the publisher keeps WAL for it until the disk is full.
 */
final class SubscribersCheck {

    /** Registers the settings with Liquibase, as a service. */
    public static final class Settings implements AutoloadedConfigurations {

        static final String CONFIRMED = "supportdb.confirmed.subscribers";
        static final String VARIABLE = "SUPPORTDB_CONFIRMED_SUBSCRIBERS";

        private static final ConfigurationDefinition<String> SLOTS =
                new ConfigurationDefinition.Builder("supportdb.confirmed").define("subscribers", String.class)
                        .setDescription("Logical replication slots and subscriptions that are prepared for the changes "
                                + "of a run, separated by commas").build();
    }

    /** Selects the subscribers. Only the reader of a slot knows which publications it reads, so all slots count. */
    private static final String LINKS = """
            select name, words from (
                select slot_name, format('replication slot %s, publication %s: %s', slot_name, pubname,
                    string_agg(tablename, ', ' order by tablename))
                from pg_replication_slots cross join pg_publication_tables
                where slot_type = 'logical' and database = current_database() and not temporary
                    and schemaname = ? and tablename = any (?)
                group by slot_name, pubname
                union all
                select subname, format('subscription %s: %s', subname, string_agg(relname, ', ' order by relname))
                from pg_subscription join pg_subscription_rel on srsubid = pg_subscription.oid
                join pg_class c on c.oid = srrelid join pg_namespace n on n.oid = relnamespace
                where subenabled and nspname = ? and relname = any (?)
                    and subdbid = (select oid from pg_database where datname = current_database())
                group by subname) link (name, words)
            where name <> all (?) order by name, words
            """;

    private final Database database;
    private final ChangesetEdits edits;

    SubscribersCheck(Database database, ChangesetEdits edits) {
        this.database = database;
        this.edits = edits;
    }

    /** Refuses a run that changes tables of a subscriber, unless each subscriber is confirmed by name. */
    void check(List<ChangeSet> changeSets, boolean forward)
            throws SQLException, DatabaseException, CommandExecutionException {
        String confirmed = Settings.SLOTS.getCurrentValue();
        String[] names = confirmed == null ? new String[0]
                : Arrays.stream(confirmed.split(",")).map(String::strip).toArray(String[]::new);
        String[] tables = changed(changeSets, forward).toArray(String[]::new);
        Map<String, String> links = new LinkedHashMap<>();
        try (CatalogSession session = CatalogSession.of(database)) {
            Sql.rows(session.connection(), LINKS, row -> links.merge(row.getString(1), row.getString(2),
                    (one, two) -> one + "\n- " + two), session.schema(), tables, session.schema(), tables, names);
        }
        if (!links.isEmpty()) {
            String all = Stream.concat(Arrays.stream(names), links.keySet().stream()).collect(joining(","));
            throw new CommandExecutionException("""
                    Logical replication carries rows of tables that this %s changes, and would stop at the first row \
                    of another shape. Nothing has been %s.
                    - %s
                    Migrate both sides in the order of docs/cluster.md#logical-subscribers: let the subscriber \
                    catch up, drop the subscription, run this on both sides, subscribe again with copy_data = false.
                    If a subscriber is prepared for the change, confirm it by its name: -D%s=%s, or in the environment \
                    %s=%s""".formatted(
                    forward ? "update" : "rollback", forward ? "changed" : "rolled back",
                    String.join("\n- ", links.values()), Settings.CONFIRMED, all, Settings.VARIABLE, all));
        }
    }

    /**
     * The changed tables: the history, the tables of changed columns and constraints, dropped and renamed tables, and
     * the tables of backfills.
     */
    private Set<String> changed(List<ChangeSet> changeSets, boolean forward) {
        Set<String> tables = new LinkedHashSet<>();
        if (!changeSets.isEmpty()) {
            tables.add(database.getDatabaseChangeLogTableName());
        }
        for (ChangeSet changeSet : changeSets) {
            for (SchemaEdit edit : forward ? edits.forward(changeSet) : edits.back(changeSet)) {
                if (Set.of("column", "constraint").contains(edit.object().kind())) {
                    tables.add(edit.object().table());
                } else if (edit.object().kind().equals("relation") && edit.verb() != SchemaEdit.Verb.CREATE) {
                    tables.add(edit.object().name());
                }
            }
            Backfill.in(changeSet).filter(backfill -> backfill.statement(forward) != null)
                    .forEach(backfill -> tables.add(backfill.table()));
        }
        return tables;
    }
}
