package dev.supportdb.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SqlScriptTest {

    private static List<String> read(String script) throws Exception {
        List<String> read = new ArrayList<>();
        SqlScript.read(new BufferedReader(new StringReader(script)), new SqlScript.Handler() {
            @Override
            public void statement(String sql) {
                read.add(sql);
            }

            @Override
            public void copy(String sql, SqlScript.Rows rows) throws IOException {
                read.add(sql);
                for (String row = rows.next(); row != null; row = rows.next()) {
                    read.add("row " + row);
                }
            }
        });
        return read;
    }

    @Test
    void statements_end_at_a_semicolon_that_stands_in_no_quotes_comment_or_body() throws Exception {
        assertThat(read("""
                select 'a;b', "c;d"; select 1;
                -- e; f
                create function g() returns trigger language plpgsql as $$
                begin
                    return new;
                end $$;
                CREATE FUNCTION h() RETURNS integer LANGUAGE sql BEGIN ATOMIC
                 SELECT 1;
                 SELECT 2;
                END;
                select 3
                """)).containsExactly("select 'a;b', \"c;d\"", "select 1",
                "-- e; f\ncreate function g() returns trigger language plpgsql as $$\nbegin\n    return new;\nend $$",
                "CREATE FUNCTION h() RETURNS integer LANGUAGE sql BEGIN ATOMIC\n SELECT 1;\n SELECT 2;\nEND",
                "select 3");
    }

    @Test
    void rows_that_are_left_or_read_past_their_end_take_no_statement_with_them() throws Exception {
        String script = "copy a from stdin;\n1\n2\n\\.\ncopy b from stdin;\n3\n\\.\nselect 1;\n";
        for (int wanted : new int[] {0, 1, 9}) {
            List<String> read = new ArrayList<>();
            SqlScript.read(new BufferedReader(new StringReader(script)), new SqlScript.Handler() {
                @Override
                public void statement(String sql) {
                    read.add(sql);
                }

                @Override
                public void copy(String sql, SqlScript.Rows rows) throws IOException {
                    read.add(sql);
                    for (int i = 0; i < wanted; i++) {
                        rows.next();
                    }
                }
            });
            assertThat(read).containsExactly("copy a from stdin", "copy b from stdin", "select 1");
        }
    }

    @Test
    void lines_for_psql_are_passed_over_and_rows_handed_over_as_they_are() throws Exception {
        assertThat(read("""
                \\restrict x
                copy public.t (a, b) from stdin;
                1\tit's; fine
                2\t\\\\.
                \\.

                select 1;
                \\unrestrict x
                -- the end
                """)).containsExactly("copy public.t (a, b) from stdin", "row 1\tit's; fine", "row 2\t\\\\.", "select 1");
    }
}
