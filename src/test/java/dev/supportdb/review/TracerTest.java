package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Changesets that hurt are told, with what they did, and the same as they should be are let pass. */
@TestInstance(Lifecycle.PER_CLASS)
final class TracerTest {

    private static final int ROWS = 5000;

    private TestDatabase server;
    private Trace bad;
    private Trace safe;
    private final LocksFromOutside outside = new LocksFromOutside();

    @BeforeAll
    void trace() throws Exception {
        server = Databases.empty();
        bad = trace("review/bad.yaml", outside.watching(server));
        outside.stop();
        safe = trace("review/safe.yaml", line -> { });
    }

    @AfterAll
    void drop() throws Exception {
        server.close();
    }

    private Trace trace(String file, Consumer<String> progress) throws Exception {
        TargetDatabase target = new TargetDatabase(server.url(), server.username(), server.password(), file, "test",
                null, Map.of());
        List<ChangeSet> all = Changelog.read(Path.of(""), file, Map.of()).features().stream()
                .flatMap(feature -> feature.changeSets().stream()).toList();
        Map<Boolean, List<ChangeSet>> parts = all.stream()
                .collect(Collectors.partitioningBy(one -> one.getId().matches("(bad|safe)-.*")));
        return new Tracer(target, Path.of(""), ROWS, Duration.ofSeconds(20), progress)
                .run(parts.get(false), parts.get(true), null);
    }

    private static ChangesetTrace changeset(Trace trace, String id) {
        return trace.changesets().stream().filter(one -> one.changeSet().getId().startsWith(id)).findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            bad-01 | BLOCKING | items_1 in SHARE mode while 5,000 rows of items_1 were read | create index concurrently
            bad-02 | BLOCKING | items_2 and parents in SHARE ROW EXCLUSIVE mode while | REFERENCES public.parents(id) not valid
            bad-03 | BLOCKING | items_3 in ACCESS EXCLUSIVE mode while 5,000 rows of items_3 were read | validate constraint
            bad-04 | BLOCKING | ACCESS EXCLUSIVE mode while all 5,000 rows of items_4 were written anew | name: amount_new, type: "bigint"
            bad-05 | BLOCKING | ACCESS EXCLUSIVE mode while all 5,000 rows of items_5 were written anew | name: token, type: "uuid"
            bad-06 | BLOCKING | ACCESS EXCLUSIVE mode while 5,000 rows of items_6 were read | check (amount is not null) not valid
            bad-07 | BLOCKING | wrote 5,000 of 5,000 rows of items_7 in one transaction | dev.supportdb.backfill.SqlBackfill
            bad-08 | NOT_PROVEN_BACK | {"id": "1"}: note was "note 1", is "NOTE 1" |
            bad-09 | LOSES | Column items_9.spare is gone, and an old application still uses it | labels: contract
            bad-10 | BLOCKING | items_10 in ACCESS EXCLUSIVE mode while 5,000 rows of parents were read |
            bad-11 | LOSES | View spares is gone, and nothing in the changeset names it | name the lost object
            bad-12 | BLOCKING | items_12 in SHARE mode while 5,000 rows of items_12 were read | if exists "Ix Items 12"
            bad-13 | BLOCKING | items_13 in ACCESS EXCLUSIVE mode under a lock_timeout of 5.0 s | leave lock_timeout
            bad-14 | UNSAFE_TO_RUN_AGAIN | column "seen" of relation "items_14" already exists |
            bad-16 | UNSAFE_TO_RUN_AGAIN | It ended the transaction of its changeset | without begin and commit
            bad-18 | LOSES | Trigger keep_14 on items_14 is off, so nothing enforces its rule | switch it on
            bad-19 | NOT_PROVEN_BACK | The rollback failed: |
            bad-20 | BLOCKING | items_1 in SHARE ROW EXCLUSIVE mode while 5,000 rows of items_1 were read |
            """)
    void a_bad_changeset_is_judged_by_what_it_did(String id, Judgement judgement, String reason, String instead) {
        ChangesetTrace changeset = changeset(bad, id);

        assertThat(changeset.judgement()).isEqualTo(judgement);
        Finding finding = changeset.findings().get(0);
        assertThat(finding.reason()).contains(reason);
        if (instead == null) {
            assertThat(finding.instead()).isNull();
        } else {
            assertThat(finding.instead()).contains(instead);
        }
    }

    @Test
    void a_table_that_loses_its_key_is_told() {
        assertThat(changeset(bad, "bad-17").findings()).anySatisfy(finding -> {
            assertThat(finding.judgement()).isEqualTo(Judgement.LOSES);
            assertThat(finding.reason()).startsWith("Table constraint items_13_pkey on items_13 is gone, and nothing");
            assertThat(finding.instead()).isEqualTo("labels: contract\n");
        });
    }

    @Test
    void all_bad_changesets_are_looked_at() {
        assertThat(bad.failure()).isNull();
        assertThat(bad.changesets()).hasSize(20);
        assertThat(bad.toDecide()).isEqualTo(19);
    }

    @Test
    void a_finding_with_a_reason_in_the_changelog_is_accepted() {
        ChangesetTrace changeset = changeset(bad, "bad-15");

        assertThat(changeset.judgement()).isEqualTo(Judgement.FINE);
        assertThat(changeset.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.judgement()).isEqualTo(Judgement.BLOCKING);
            assertThat(finding.accepted()).isEqualTo("the table is read by nobody at night");
        });
    }

    @Test
    void the_safe_forms_are_fine() {
        Map<String, List<Finding>> findings = new LinkedHashMap<>();
        safe.changesets().forEach(one -> findings.put(one.changeSet().getId(), one.findings()));

        assertThat(safe.failure()).isNull();
        assertThat(findings).hasSize(16).allSatisfy((id, found) -> assertThat(found).isEmpty());
    }

    /** A build that is over in a millisecond alone. */
    @Test
    void the_locks_of_a_concurrent_build_are_read() {
        assertThat(changeset(safe, "safe-01").forward().locks())
                .containsExactly(entry("public.items_1", LockMode.SHARE_UPDATE_EXCLUSIVE));
        assertThat(changeset(safe, "safe-01").back().locks())
                .containsExactly(entry("public.items_1", LockMode.SHARE_UPDATE_EXCLUSIVE));
    }

    @Test
    void a_validation_stops_no_writer() {
        StatementTrace validation = changeset(safe, "safe-02").forward().transactions().stream()
                .flatMap(transaction -> transaction.statements().stream())
                .filter(statement -> statement.sql().contains("validate constraint")).findFirst().orElseThrow();

        assertThat(validation.locks()).containsOnly(entry("public.items_2", LockMode.SHARE_UPDATE_EXCLUSIVE),
                entry("public.parents", LockMode.ROW_SHARE));
        assertThat(validation.read().get("public.items_2")).isGreaterThanOrEqualTo(ROWS);
    }

    @Test
    void created_objects_and_written_rows_are_reported() {
        assertThat(changeset(safe, "safe-08").made()).contains("table public.items_8_originals");
        assertThat(changeset(safe, "safe-08").forward().written()).isEqualTo(20);
        assertThat(changeset(safe, "safe-09").gone()).containsExactly("table column public.items_9.spare");
    }

    @Test
    void a_transaction_of_its_own_is_seen_as_it_runs() {
        List<StatementTrace> statements = changeset(bad, "bad-20").forward().transactions().stream()
                .flatMap(transaction -> transaction.statements().stream()).toList();

        assertThat(statements).extracting(StatementTrace::begun).containsExactly(true, false, false, false, false);
        assertThat(statements).extracting(StatementTrace::ended).containsExactly(false, false, false, false, true);
        assertThat(statements.get(2).settings()).containsExactly(entry("lock_timeout", "7s"));
        assertThat(statements.get(3).pages().get("public.items_1")).isGreaterThan(30);
    }

    @Test
    void an_index_build_is_seen_with_its_bytes() {
        assertThat(changeset(bad, "bad-01").forward().transactions().get(0).statements().get(0).built())
                .containsOnlyKeys("public.ix_items_1_code").allSatisfy((index, bytes) ->
                        assertThat(bytes).isGreaterThan(ROWS * 16L));
        assertThat(changeset(bad, "bad-13").forward().transactions()).allSatisfy(transaction ->
                assertThat(transaction.statements()).allSatisfy(one -> assertThat(one.built()).isEmpty()));
    }

    /** Twice, as the server does; the session's own counters have begun again meanwhile. */
    @Test
    void the_rows_that_a_concurrent_build_reads_are_counted() {
        assertThat(changeset(safe, "safe-01").forward().transactions()).anySatisfy(transaction ->
                assertThat(transaction.statements().get(0).read()).containsEntry("public.items_1", 2L * ROWS));
    }

    @Test
    void a_backfill_tells_its_batches_and_the_plan_of_one() {
        BackfillTrace backfill = changeset(safe, "safe-07").forward().backfill();

        assertThat(backfill.rows()).isEqualTo(ROWS);
        assertThat(backfill.batches()).isPositive();
        assertThat(backfill.range()).isEqualTo("1 to 5000");
        assertThat(backfill.longest()).isPositive().isGreaterThanOrEqualTo(backfill.median());
        assertThat(backfill.plan()).anyMatch(line -> line.startsWith("Update on items_7"))
                .anyMatch(line -> line.contains("Index Cond: (id = ANY ('{...}'::bigint[]))"));
        assertThat(changeset(safe, "safe-01").forward().backfill()).isNull();
    }

    /** Exact where the server counts it by session. A plain update of all rows writes more than all of them. */
    @Test
    void log_is_measured_and_said_to_be_exact_where_it_is() {
        PassTrace update = changeset(bad, "bad-07").forward();

        assertThat(update.wal()).isGreaterThan(ROWS * 50L);
        assertThat(update.walExact()).isEqualTo(Integer.parseInt(bad.server().replaceAll("\\D.*", "")) >= 18);
        assertThat(changeset(bad, "bad-13").forward().wal()).isLessThan(update.wal() / 10);
    }

    @Test
    void a_label_that_is_used_in_its_own_transaction_is_told_with_the_way_out() throws Exception {
        Trace trace = trace("review/label.yaml", line -> { });

        assertThat(trace.changesets()).isEmpty();
        assertThat(trace.failure()).contains("bad-01-use_new_label", "unsafe use of new value \"blue\"",
                "add it in a changeset of its own, before this one");
        assertThat(bad.failure()).isNull();
    }

    /** A session that polls beside it sees no lock that it did not see. */
    @Test
    void no_lock_is_missed() {
        Map<String, LockMode> seen = new LinkedHashMap<>();
        bad.changesets().forEach(one -> Stream.of(one.forward(), one.back()).filter(Objects::nonNull)
                .forEach(pass -> pass.locks()
                .forEach((table, mode) -> seen.merge(table, mode, (a, b) -> a.compareTo(b) > 0 ? a : b))));

        assertThat(outside.failure()).isNull();
        assertThat(outside.locks()).isNotEmpty().allSatisfy((table, mode) ->
                assertThat(seen.get(table)).as(table).isNotNull().isGreaterThanOrEqualTo(mode));
    }

    @Test
    void nothing_is_left_on_the_server_and_nothing_written_to_the_target() throws Exception {
        assertThat(server.texts("select datname from pg_database where datname like 'trace%'")).isEmpty();
        assertThat(server.count("select count(*) from pg_class where oid >= 16384")).isZero();
    }
}
