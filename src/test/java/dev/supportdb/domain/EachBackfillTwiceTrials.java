package dev.supportdb.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each backfill is gone through forward and back twice, while rows are written, and the old shape has them all. */
final class EachBackfillTwiceTrials {

    /** Valid in the old shape and in the new one. */
    private static final String WRITES = """
            insert into customers (email, name, phone, created_at, updated_at)
            select 'new' || count(*) || '@example.org', 'New', '+1 ' || count(*), '2024-05-01', '2024-05-01'
            from customers;
            insert into tickets (customer_id, subject, description, created_at, updated_at)
            select max(id), 'New', 'Since the fill', '2024-05-01', '2024-05-01' from customers;
            insert into ticket_comments (ticket_id, user_id, content, is_internal, created_at)
            select max(t.id), min(u.id), 'Answer', false, '2024-05-02' from tickets t cross join users u;
            insert into satisfaction_surveys (ticket_id, customer_id, rating, survey_sent_at)
            select max(t.id), max(c.id), 4, '2024-05-03' from tickets t cross join customers c;
            update tickets set first_response_time_seconds = 7 where id = (select max(id) - 1 from tickets);
            do $$
            begin
                if to_regclass('ticket_audit_log') is not null then
                    update tickets set status = 'RESOLVED', resolved_at = '2024-05-04'
                    where id = (select max(id) from tickets);
                end if;
                if to_regclass('messages') is not null then
                    insert into messages (customer_id, direction, channel, body, "timestamp")
                    select max(id), 'inbound', 'email', 'Hello', '2024-05-05' from customers;
                end if;
            end
            $$;
            """;

    /** Two databases have been written to by different clocks. */
    private static final String WITHOUT_CLOCK = """
            set session_replication_role = replica;
            do $$
            declare
                _clock record;
            begin
                for _clock in
                    select table_name, column_name from information_schema.columns
                    where table_schema = 'public' and column_default ~* '(now|current_timestamp)'
                        and table_name !~ '^backfill'
                loop
                    execute format('update %1$I set %2$I = ''2024-05-06'' where %2$I > current_date - 1',
                        _clock.table_name, _clock.column_name);
                end loop;
            end
            $$;
            """;

    /** A changeset with a backfill, its feature, and how many changesets that has from this one on. */
    private record Step(String changeSet, String feature, int all, int fromHere) {

        @Override
        public String toString() {
            return changeSet;
        }
    }

    static List<Step> steps() throws Exception {
        return Changelog.read(Path.of(""), "changelog/db.changelog-master.yaml", Map.of()).features().stream()
                .flatMap(EachBackfillTwiceTrials::steps).toList();
    }

    private static Stream<Step> steps(Feature feature) {
        List<ChangeSet> all = feature.changeSets();
        return all.stream().filter(changeSet -> Backfill.in(changeSet).findAny().isPresent())
                .map(changeSet -> new Step(changeSet.getId(), feature.name(), all.size(),
                        all.size() - all.indexOf(changeSet)));
    }

    @ParameterizedTest
    @MethodSource("steps")
    void rows_written_before_the_rollback_are_there_in_the_old_shape(Step step) throws Exception {
        twice(step, false, false, false, false);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void a_script_goes_on_from_where_a_run_was_and_a_run_from_where_a_script_was(Step step) throws Exception {
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH, to run the scripts with").isTrue();
        twice(step, true, false, false, true);
    }

    /** @param scripts of each way, forward and back twice, whether it is gone by a script for review */
    private static void twice(Step step, boolean... scripts) throws Exception {
        MigrationState before = MigrationState.before(step.feature()).withTickets(100);
        try (TestDatabase database = Databases.at(before); TestDatabase old = Databases.at(before)) {
            LiquibaseRunner migration = new LiquibaseRunner(before.of(database)).discarding();
            run(migration, "updateCount", Map.of("count", step.all()), scripts[0], database);
            execute(WRITES, database, old);
            run(migration, "rollbackCount", Map.of("count", step.fromHere()), scripts[1], database);
            execute(WRITES, database, old);
            run(migration, "updateCount", Map.of("count", step.fromHere()), scripts[2], database);
            execute(WRITES, database, old);
            run(migration, "rollback", Map.of("tag", before.tag()), scripts[3], database);

            execute(WITHOUT_CLOCK, database, old);
            assertThat(old.snapshot().differenceTo(database.snapshot())).isEmpty();
        }
    }

    private static void run(LiquibaseRunner migration, String command, Map<String, Object> arguments, boolean script,
            TestDatabase database) throws Exception {
        if (script) {
            PsqlScript.run(database, migration.run(command + "Sql", arguments));
        } else {
            migration.run(command, arguments);
        }
    }

    private static void execute(String sql, TestDatabase... databases) throws SQLException {
        for (TestDatabase database : databases) {
            database.execute(sql);
        }
    }
}
