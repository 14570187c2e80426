package dev.supportdb.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

final class SchemaFingerprintTest {

    private static final String SCHEMA = everything();

    private static TestDatabase database;
    private static SchemaFingerprint untouched;

    @BeforeAll
    static void create() throws SQLException {
        database = Databases.empty();
        database.execute(SCHEMA);
        try (Connection connection = database.connect()) {
            untouched = SchemaFingerprint.of(connection);
        }
    }

    @AfterAll
    static void drop() throws SQLException {
        database.close();
    }

    @Test
    void another_database_of_the_same_schema_does_not_differ() throws SQLException {
        try (TestDatabase other = Databases.empty()) {
            // Everything gets another oid.
            other.execute("create table scratch (id int); drop table scratch");
            other.execute(SCHEMA);
            try (Connection connection = other.connect()) {
                assertThat(SchemaFingerprint.of(connection)).isEqualTo(untouched);
            }
        }
    }

    @Test
    void an_empty_database_differs_in_every_object() throws SQLException {
        try (TestDatabase empty = Databases.empty(); Connection connection = empty.connect()) {
            assertThat(Difference.between(SchemaFingerprint.of(connection), untouched).objects().keySet())
                    .contains("schema app", "table app.tickets", "type app.address", "function app.twice(integer)");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvFileSource(resources = "alterations.csv", delimiter = '|')
    void a_single_alteration_is_found(String sql, String objects) throws SQLException {
        Difference difference = Difference.between(untouched, after(sql));

        assertThat(difference.objects().keySet()).containsExactly(objects.split("; "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            select 1
            alter table tickets drop note, add note text
            alter table backfills alter name type varchar; alter table backfills alter name type text
            grant select on tickets to pg_monitor; revoke select on tickets from pg_monitor
            insert into customers (email) values ('a@b')
            select nextval('numbers')
            create table databasechangelog (id text primary key); comment on table databasechangelog is 'books'
            create table public.databasechangeloglock (id int primary key)
            create temporary table t (id int primary key)
            create temporary table pg_class (oid int)
            set local quote_all_identifiers = on
            """)
    void whatIsNotTheSchemaIsNoDifference(String sql) throws SQLException {
        assertThat(Difference.between(untouched, after(sql))).hasToString("no difference");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            update pg_attribute set attoptions = '{pg_attver=7}' where attrelid = 'tickets'::regclass
            update pg_attribute set attoptions = '{pg_attver=7}' where attrelid in ('i'::regclass, 'urgent'::regclass)
            update pg_attribute set attoptions = '{pg_attver=7}' where attrelid = 'address'::regclass
            update pg_class set reloptions = '{pg_tabver=7}' where oid in ('tickets'::regclass, 'counts'::regclass)
            update pg_class set reloptions = '{pg_tabver=7}' where oid in ('i'::regclass, 'urgent'::regclass)
            update pg_class set reloptions = '{pg_tabver=7}' where relname ~ '^pg_toast_' and relkind = 't'
            """)
    void an_option_that_a_server_keeps_for_itself_is_no_difference(String sql) throws SQLException {
        assertThat(Difference.between(untouched, after(sql))).hasToString("no difference");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            alter table tickets alter note set (n_distinct = 7)     | table column app.tickets.note
            alter table tickets set (fillfactor = 70)               | table app.tickets
            alter index i set (fillfactor = 70)                     | index app.i
            alter view urgent set (security_barrier)                | view app.urgent
            """)
    void an_option_of_a_user_is_a_difference_beside_one_that_the_server_keeps(String sql, String object)
            throws SQLException {
        SchemaFingerprint altered = after(sql + """
                ; update pg_attribute set attoptions = '{pg_attver=7}' || coalesce(attoptions, '{}')
                    where attrelid = 'tickets'::regclass;
                update pg_class set reloptions = '{pg_tabver=7}' || coalesce(reloptions, '{}')
                    where relnamespace = 'app'::regnamespace""");

        Difference difference = Difference.between(untouched, altered);

        assertThat(difference.objects()).containsOnlyKeys(object);
        assertThat(difference.toString()).doesNotContain("ver=");
    }

    /** The objects that the manuals of 15 to 18 list; a server is asked only about those it knows. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            alter table tickets set (%s)             | fillfactor=50 toast_tuple_target=200 parallel_workers=1 \
                user_catalog_table=on vacuum_index_cleanup=off vacuum_truncate=off log_autovacuum_min_duration=9 \
                autovacuum_enabled=off autovacuum_vacuum_threshold=9 autovacuum_vacuum_max_threshold=9 \
                autovacuum_vacuum_scale_factor=0.9 autovacuum_vacuum_insert_threshold=9 \
                autovacuum_vacuum_insert_scale_factor=0.9 autovacuum_analyze_threshold=9 \
                autovacuum_analyze_scale_factor=0.9 autovacuum_vacuum_cost_delay=9 autovacuum_vacuum_cost_limit=9 \
                autovacuum_freeze_min_age=9 autovacuum_freeze_max_age=100009 autovacuum_freeze_table_age=9 \
                autovacuum_multixact_freeze_min_age=9 autovacuum_multixact_freeze_max_age=10009 \
                autovacuum_multixact_freeze_table_age=9 vacuum_max_eager_freeze_failure_rate=0.9
            alter table tickets set (toast.%s)       | autovacuum_enabled=off autovacuum_vacuum_threshold=9 \
                autovacuum_vacuum_max_threshold=9 vacuum_truncate=off
            alter view urgent set (%s)               | security_barrier=on security_invoker=on
            create view x with (%s) as select * from app.customers                 | check_option=local
            alter table tickets alter note set (%s)  | n_distinct=9 n_distinct_inherited=9
            alter index i set (%s)                   | fillfactor=50 deduplicate_items=off
            create index x on tickets using hash (note) with (%s)                  | fillfactor=50
            create index x on tickets using gist (point(id, 1)) with (%s)          | fillfactor=50 buffering=on
            create index x on tickets using spgist (note) with (%s)                | fillfactor=50
            create index x on tickets using gin (to_tsvector('simple', note)) with (%s) | \
                fastupdate=off gin_pending_list_limit=100
            create index x on tickets using brin (id) with (%s)                    | pages_per_range=9 autosummarize=on
            create index x on tickets using gist (to_tsvector('simple', note) tsvector_ops(%s)) | siglen=9
            create index x on tickets using brin (id int8_minmax_multi_ops(%s))    | values_per_range=9
            create index x on tickets using brin (id int8_bloom_ops(%s))           | \
                n_distinct_per_range=9 false_positive_rate=0.009
            """)
    void each_option_of_the_manual_is_told(String statement, String options) throws SQLException {
        for (String option : options.split(" +")) {
            try {
                assertThat(Difference.between(untouched, after(statement.formatted(option))).toString())
                        .containsPattern(option.replace("=", "='?"));
            } catch (SQLException e) {
                assertThat(e.getMessage()).as(option).contains("unrecognized parameter");
            }
        }
    }

    @Test
    void the_options_of_an_extension_are_told() throws SQLException {
        String index = """
                create access method ivf type index handler hashhandler;
                create operator class words_ops default for type text using ivf as operator 1 =, function 1 hashtext(text);
                create index x on tickets using ivf (note);
                update pg_class set reloptions = '{lists=%d}' where relname = 'x';
                """;
        SchemaFingerprint hundred = after(index.formatted(100));
        SchemaFingerprint ten = after(index.formatted(10));
        SchemaFingerprint column = after(index.formatted(10)
                + "update pg_attribute set attoptions = '{words=9}' where attrelid = 'x'::regclass");

        assertThat(Difference.between(hundred, ten)).hasToString("""
                index app.x
                  - CREATE INDEX x ON app.tickets USING ivf (note) WITH (lists='100')
                  + CREATE INDEX x ON app.tickets USING ivf (note) WITH (lists='10')""");
        assertThat(column.toString()).contains("USING ivf (note app.words_ops (words='9')) WITH (lists='10')");
    }

    @Test
    void an_index_is_written_as_the_server_writes_it() throws SQLException {
        try (TestDatabase indexes = Databases.empty(); Connection connection = indexes.connect()) {
            indexes.execute("""
                    create type mood as enum ('sad', 'ok');
                    create table "T x" (id int, "a B" text, v varchar(9), c char(3), n name, r int4range, p point,
                        j jsonb, k text collate "C", i inet, m mood, l int[], d date, t tsvector);
                    create unique index "One i" on "T x" ("a B" desc, v desc nulls last, c nulls first, n);
                    create index on "T x" (v text_pattern_ops, v varchar_ops, v bpchar_ops, k, k collate "POSIX", m, l);
                    create index on "T x" (lower(v), (id + 1)) include (d, "a B") where id > 3 and v = 'it''s';
                    create unique index on "T x" (d) nulls not distinct with (fillfactor = 50);
                    create index on "T x" using gin (j jsonb_path_ops);
                    create index on "T x" using gin (j, l) with (gin_pending_list_limit = 100);
                    create index on "T x" using gist (r, i inet_ops, t tsvector_ops(siglen = 9));
                    create index on "T x" using brin (d date_bloom_ops(n_distinct_per_range = 9), id int4_minmax_multi_ops);
                    create index on "T x" using hash ("a B");
                    create index on "T x" using spgist (i);
                    create index on "T x" using gin (to_tsvector('simple', v));
                    create index on "T x" using gist (point(id, 1), to_tsvector('simple', v) tsvector_ops(siglen = 9));
                    alter table "T x" add constraint b exclude using gist (r with &&, p with ~=) include (r)
                        where (id > 0) deferrable initially deferred;
                    alter table "T x" add constraint c exclude ("a B" with =, lower(v) with =) with (fillfactor = 33);
                    create table parted (id int) partition by list (id);
                    create index on parted (id);
                    """);
            List<String> definitions = indexes.texts("""
                    select pg_get_indexdef(indexrelid) from pg_index where indrelid in ('"T x"'::regclass, 'parted'::regclass)
                    union all select pg_get_constraintdef(oid) from pg_constraint where contype = 'x'""");
            assertThat(definitions).hasSize(17);
            assertThat(SchemaFingerprint.of(connection).objects().values().stream()
                    .flatMap(object -> object.lines().stream())).containsAll(definitions);
        }
    }

    @Test
    void a_fact_is_one_aspect_of_one_object() {
        assertThat(untouched.objects().get("table column app.tickets.subject").facts()).containsExactly(
                subject("type", "character varying(500)"), subject("length", "500"), subject("not null", ""),
                subject("default", "'none'::character varying"), subject("comment", "In a few words"));
        assertThat(untouched.objects().get("index app.i").facts()).extracting(Fact::aspect).containsExactly(
                "on", "using", "column", "key", "column", "key", "where");
        assertThat(untouched.objects().get("function app.twice(integer)").facts()).allSatisfy(fact -> {
            assertThat(fact.schema()).isEqualTo("app");
            assertThat(fact.object()).isEqualTo("twice(integer)");
            assertThat(fact.part()).isNull();
        });
    }

    private static Fact subject(String aspect, String value) {
        return new Fact("table column", "app", "tickets", "subject", aspect, value);
    }

    @Test
    void each_privilege_is_told_by_itself() throws SQLException {
        assertThat(Difference.between(untouched, after("""
                grant select, update on tickets to pg_monitor;
                grant insert on tickets to pg_monitor with grant option;
                revoke delete on tickets from current_user"""))).hasToString("""
                table app.tickets
                  + grant insert to pg_monitor
                  + grant option for insert to pg_monitor
                  + grant select to pg_monitor
                  + grant update to pg_monitor
                  + revoke delete from the owner""");
    }

    @Test
    void a_list_of_texts_is_the_same_when_it_comes_back_from_a_dump() throws SQLException {
        SchemaFingerprint made =
                after("alter table tickets add constraint subjects check (subject in ('it''s [a]', 'b'))");
        SchemaFingerprint restored = after("""
                alter table tickets add constraint subjects check (((subject)::text = ANY ((ARRAY[
                    'it''s [a]'::character varying, 'b'::character varying])::text[])))""");
        SchemaFingerprint other =
                after("alter table tickets add constraint subjects check (subject in ('it''s [a]', 'c'))");

        assertThat(restored).as("what the server says of it").isNotEqualTo(made);
        assertThat(Difference.between(made, restored)).hasToString("no difference");
        assertThat(Difference.between(restored, other).objects())
                .containsOnlyKeys("table constraint subjects on app.tickets");
    }

    @Test
    void the_name_of_the_owner_of_everything_is_no_difference() throws SQLException {
        try (TestDatabase empty = Databases.empty(); Connection connection = empty.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("grant create on database %s to public".formatted(empty.name()));
            statement.execute("set local role pg_monitor;" + SCHEMA);

            assertThat(Difference.between(untouched, SchemaFingerprint.of(connection))).hasToString("no difference");
        }
    }

    @Test
    void a_difference_is_shown_object_by_object() throws SQLException {
        SchemaFingerprint altered = after("""
                alter table tickets alter subject drop default, drop note;
                create or replace function touch() returns trigger language plpgsql set search_path = pg_catalog, app as
                $$
                begin
                    new.opened := clock_timestamp();
                    return new;
                end
                $$;
                """);

        assertThat(Difference.between(untouched, altered)).hasToString("""
                function app.touch()
                  -     new.opened := now();
                  +     new.opened := clock_timestamp();
                table column app.tickets.note
                  - text
                table column app.tickets.subject
                  - character varying(500) not null default 'none'::character varying
                  + character varying(500) not null""");
    }

    private static String everything() {
        try (InputStream file = SchemaFingerprintTest.class.getResourceAsStream("everything.sql")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Read in the transaction of the alteration, which is then rolled back. */
    private static SchemaFingerprint after(String sql) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set local search_path = app;" + sql);
            SchemaFingerprint fingerprint = SchemaFingerprint.of(connection);
            connection.rollback();
            return fingerprint;
        }
    }
}
