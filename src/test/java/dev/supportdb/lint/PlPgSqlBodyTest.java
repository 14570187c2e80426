package dev.supportdb.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules find SQL within other SQL: in a block, in a function, in a text that is executed. */
final class PlPgSqlBodyTest {

    @TempDir
    private Path project;

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "constraint-not-valid | do $$ begin alter table tickets add constraint c check (note <> ''); end $$",
        "rewrite | do $$ begin alter table tickets set unlogged; end $$",
        "lock-table | do 'begin lock table tickets in exclusive mode; end'",
        "triggers-off | do $$ begin perform set_config('session_replication_role', 'replica', true); end $$",
        "contract | do $x$ declare b text := 'x; y'; begin begin alter table tickets drop note; end; end $x$",
        "contract | do $$ begin if true then null; elsif false then alter table tickets drop note; end if; end $$",
        "contract | do $$ <<a>> begin for i in 1..3 loop alter table tickets drop note; end loop; end $$",
        "contract | do $$ begin execute 'do $x$ begin alter table tickets drop note; end $x$'; end $$",
        "data-change | do $$ begin for r in update tickets set note = '' returning id loop end loop; end $$",
        "data-change | do language plpgsql $$ begin execute 'update tickets set note = '''''; end $$",
        "data-change | do $$ begin execute $x$delete from tickets where id = $1$x$ using 1; end $$",
        "data-change | do 'begin case 1 when 1 then delete from tickets; end case; end'",
        "dynamic-sql | do $$ begin execute format('alter table %I add a int', 'tickets'); end $$",
        "dynamic-sql | do $$ declare s text; begin for s in select 'x' loop execute s; end loop; end $$",
        "dynamic-sql | do $$ begin execute concat('drop ', 'table tickets'); end $$",
        "data-change | do $$ declare x int; begin if true then update tickets set note = ''; end if; end $$"})
    void an_unsafe_statement_in_the_body_is_refused(String rule, String sql) throws IOException {
        assertThat(RuleExample.of(project, SqlStatementTest.changeset("", sql)).findings())
                .extracting(Finding::rule).containsExactly(rule);
    }

    @ParameterizedTest
    @ValueSource(strings = {"do 'begin %s lock table tickets in exclusive mode; end'",
        "do $$ begin execute 'do $x$ begin %s lock table tickets in exclusive mode; end $x$'; end $$"})
    void a_long_body_is_read_to_its_end(String sql) throws IOException {
        assertThat(RuleExample.of(project, SqlStatementTest.changeset("", sql.formatted("perform 1; ".repeat(3000))))
                .findings()).extracting(Finding::rule).contains("lock-table");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "create function f() returns trigger language plpgsql as $$ begin delete from tickets; return null; end $$; "
            + "create trigger t after insert on tickets execute function f(); drop function f() cascade",
        "do $$ begin execute 'alter table tickets add a int'; execute $x$ comment on table tickets is 'x' $x$; end $$",
        "create function f() returns void language plpgsql as $$ begin update tickets set note = ''; end $$",
        "create function f() returns void begin atomic delete from tickets; update tickets set note = ''; end"})
    void a_statement_that_the_body_does_not_execute_is_not_refused(String sql) throws IOException {
        assertThat(RuleExample.of(project, SqlStatementTest.changeset("", sql)).findings()).isEmpty();
    }
}
