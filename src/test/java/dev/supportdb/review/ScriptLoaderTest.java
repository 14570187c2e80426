package dev.supportdb.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.io.BufferedReader;
import java.io.StringReader;
import java.sql.Connection;
import org.junit.jupiter.api.Test;

/** Statements of a dump that the server refuses are named, and the others are loaded. */
final class ScriptLoaderTest {

    private static String load(TestDatabase database, String script) throws Exception {
        try (Connection connection = database.connect()) {
            return ScriptLoader.load(connection, new BufferedReader(new StringReader(script)));
        }
    }

    /** The server refuses the first after its last row, and the second before its first. */
    @Test
    void rows_that_are_refused_take_none_of_the_next_table_with_them() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            assertThat(load(database, """
                    create table public.ones (id integer primary key);
                    create table public.others (id integer);

                    -- Data for Name: ones
                    COPY public.ones (id) FROM stdin;
                    1
                    1
                    \\.

                    COPY public.missing (id) FROM stdin;
                    1
                    \\.

                    COPY public.others (id) FROM stdin;
                    1
                    2
                    \\.
                    create table public.last (id integer);
                    """)).isEqualTo("COPY public.ones (23505), COPY public.missing (42P01)");
            assertThat(database.count("select count(*) from others")).isEqualTo(2);
            assertThat(database.count("select count(*) from ones")).isZero();
            assertThat(database.count("select count(*) from last")).isZero();
        }
    }

    @Test
    void a_long_comment_above_a_statement_is_passed_over() throws Exception {
        String comment = "-- a line of it\n\n".repeat(20_000) + "/* and a\nblock */\n";
        try (TestDatabase database = Databases.empty()) {
            assertThat(load(database, comment + "grant select on t to nobody;\n" + comment
                    + "alter table t owner to nobody;\n" + comment + "set no_such.setting = ;\n" + comment
                    + "create view v as select * from missing;\n"))
                    .isEqualTo("create view v as select * from missing (42P01)");
        }
    }
}
