package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GeneratedRowsTest {

    private static final int ROWS = 300;

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException {
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    private Map<String, String> fill() throws SQLException {
        try (Connection connection = database.connect()) {
            return GeneratedRows.fill(connection, ROWS, Set.of());
        }
    }

    @Test
    void a_column_of_each_common_type_gets_a_value() throws SQLException {
        database.execute("""
                create type mood as enum ('sad', 'glad');
                create domain code as varchar(5) not null;
                create table everything (id bigint generated always as identity primary key, i2 smallint not null,
                    i4 integer not null unique, i8 bigint not null unique, n numeric not null,
                    n52 numeric(5, 2) not null,
                    f float8 not null, b boolean not null, t text not null unique, v varchar(40) not null unique,
                    short varchar(3) not null, c char(2) not null, d date not null, ts timestamptz not null unique,
                    h time not null, span interval not null, u uuid not null unique, j jsonb not null,
                    bin bytea not null, ip inet not null, m mood not null, moods mood[] not null, k code,
                    "Odd name" text not null, twice integer generated always as (i4 * 2) stored,
                    made timestamptz not null default now());
                """);

        assertThat(fill()).isEmpty();
        assertThat(database.count("select count(*) from everything")).isEqualTo(ROWS);
    }

    /** This holds also if the referenced table comes later. */
    @Test
    void foreign_keys_and_lists_of_values_are_honoured() throws SQLException {
        database.execute("""
                create table children (id integer primary key, parent_id bigint not null,
                    state varchar(10) not null check (state in ('new', 'done')));
                create table parents (id bigint primary key);
                alter table children add foreign key (parent_id) references parents;
                """);

        assertThat(fill()).isEmpty();
        assertThat(database.count("select count(*) from children")).isEqualTo(ROWS);
        assertThat(database.count("select count(distinct state) from children")).isEqualTo(2);
    }

    @Test
    void a_table_that_refuses_is_named_with_the_reason() throws SQLException {
        database.execute("""
                create table picky (a integer not null check (a < 0));
                create table full_already (a integer not null check (a < 0));
                insert into full_already values (-1);
                """);

        assertThat(fill()).containsOnlyKeys("picky");
        assertThat(fill().get("picky")).contains("violates check constraint");
        assertThat(database.count("select count(*) from full_already")).isEqualTo(1);
    }
}
