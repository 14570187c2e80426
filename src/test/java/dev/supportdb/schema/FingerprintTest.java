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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

final class FingerprintTest {

    private static final String SCHEMA = everything();

    private static TestDatabase database;
    private static Fingerprint untouched;

    @BeforeAll
    static void create() throws SQLException {
        database = Databases.empty();
        database.execute(SCHEMA);
        try (Connection connection = database.connect()) {
            untouched = Fingerprint.of(connection);
        }
    }

    @AfterAll
    static void drop() throws SQLException {
        database.close();
    }

    @Test
    void another_database_of_the_same_schema_does_not_differ() throws SQLException {
        try (TestDatabase other = Databases.empty()) {
            // Other oids for everything.
            other.execute("create table scratch (id int); drop table scratch");
            other.execute(SCHEMA);
            try (Connection connection = other.connect()) {
                assertThat(Fingerprint.of(connection)).isEqualTo(untouched);
            }
        }
    }

    @Test
    void an_empty_database_differs_in_every_object() throws SQLException {
        try (TestDatabase empty = Databases.empty(); Connection connection = empty.connect()) {
            assertThat(Difference.between(Fingerprint.of(connection), untouched).objects().keySet())
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

    @Test
    void a_list_of_texts_is_the_same_when_it_comes_back_from_a_dump() throws SQLException {
        Fingerprint made = after("alter table tickets add constraint subjects check (subject in ('it''s [a]', 'b'))");
        Fingerprint restored = after("""
                alter table tickets add constraint subjects check (((subject)::text = ANY ((ARRAY[
                    'it''s [a]'::character varying, 'b'::character varying])::text[])))""");
        Fingerprint other = after("alter table tickets add constraint subjects check (subject in ('it''s [a]', 'c'))");

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

            assertThat(Difference.between(untouched, Fingerprint.of(connection))).hasToString("no difference");
        }
    }

    @Test
    void a_difference_is_shown_object_by_object() throws SQLException {
        Fingerprint altered = after("""
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
        try (InputStream file = FingerprintTest.class.getResourceAsStream("everything.sql")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Read in the transaction of the alteration, which is then rolled back. */
    private static Fingerprint after(String sql) throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("set local search_path = app;" + sql);
            Fingerprint fingerprint = Fingerprint.of(connection);
            connection.rollback();
            return fingerprint;
        }
    }
}
