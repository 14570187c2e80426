package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.run.DatabaseState;
import dev.supportdb.run.RemoteBackfillWorker;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.exception.CommandExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A migration runs nobody else's code: nobody else may put any where it looks for operators and functions. */
final class SearchPathCheckTest {

    private static final String TAG =
            "- changeSet: {id: tag, author: test, changes: [tagDatabase: {tag: begin}], rollback: []}\n";
    private static final String TABLE = changeSet("table", "", "create table crates (label varchar(10))",
            "drop table crates");
    private static final String FILL = changeSet("fill", "", """
            insert into crates select 'a' from generate_series(1, 20);
            update crates set label = 'b' where label = 'a'""", "update crates set label = 'a' where label = 'b'");

    /** The server's own compares texts: for two varchars, this one fits better. */
    private static final String OPERATOR = """
            set session authorization %1$s;
            create sequence calls;
            grant usage on sequence calls to public;
            create function listen(varchar, varchar) returns boolean language plpgsql as $$
            begin
                perform nextval('public.calls');
                return $1::text operator(pg_catalog.=) $2::text;
            end
            $$;
            create operator = (function = listen, leftarg = varchar, rightarg = varchar);
            """;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;
    private String hostile;
    private String group;
    private String migrator;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database);
        hostile = database.name() + "_hostile";
        group = database.name() + "_group";
        migrator = database.name() + "_migrator";
        database.execute("create role %s login; create role %s; create role %s login password 'migrator'"
                .formatted(hostile, group, migrator));
    }

    @AfterEach
    void drop() throws Exception {
        for (String role : List.of(hostile, group, migrator)) {
            database.execute("reassign owned by %1$s to current_user; drop owned by %1$s cascade; drop role %1$s"
                    .formatted(role));
        }
        database.close();
    }

    private TinyChangelog byMigrator(String changeSets) {
        return new TinyChangelog(folder, new TestDatabase(database.name(), database.url(), migrator, "migrator"))
                .of(changeSets);
    }

    private static void trusting(String roles, ThrowingCallable run) throws Exception {
        Scope.child(Map.of(SearchPathCheck.Settings.TRUSTED, roles), () -> {
            try {
                run.call();
            } catch (Exception e) {
                throw e;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        });
    }

    private void update() throws CommandExecutionException {
        changelog.run("update", Map.of());
    }

    /** The statements that a refusal ends with, as a person pastes them. */
    private static String remedies(CommandExecutionException refusal) {
        return Pattern.compile("^  (.*;)$", Pattern.MULTILINE).matcher(refusal.getMessage()).results()
                .map(line -> line.group(1)).collect(Collectors.joining("\n"));
    }

    private CommandExecutionException refusal() {
        return catchThrowableOfType(CommandExecutionException.class, this::update);
    }

    private List<String> relations() throws Exception {
        return database.texts("""
                select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
                order by 1""");
    }

    private long calls() throws Exception {
        return database.count("select coalesce(max(last_value), 0) from calls where is_called");
    }

    @Test
    void a_role_that_may_create_in_public_stops_every_command_that_writes() throws Exception {
        changelog.of(TAG + TABLE);
        database.execute("grant create on schema public to public, " + hostile);

        for (String command : List.of("update", "updateCount", "updateToTag", "updateSql", "changelogSync",
                "changelogSyncSql", "rollbackCount", "rollback", "rollbackCountSql", "futureRollbackSql",
                "updateTestingRollback", "markNextChangesetRan", "tag", "clearChecksums")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of("count", 1, "tag", "begin"))).as(command)
                    .isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessageContaining("- %s may create in schema public\n".formatted(hostile))
                    .hasMessageContaining("- everybody may create in schema public\n")
                    .hasMessageContaining("Nothing has been changed.")
                    .hasMessageContaining("  revoke create on schema public from public;\n")
                    .hasMessageContaining("  revoke create on schema public from %s;\n".formatted(hostile))
                    .hasMessageContaining("-Dsupportdb.trusted.roles=public," + hostile);
        }
        assertThat(relations()).isEmpty();
        assertThat(changelog.run("status", Map.of())).contains("2 changesets");

        database.execute(remedies(refusal()));
        update();
        assertThat(relations()).containsExactly("crates", "databasechangelog", "databasechangeloglock");
    }

    @Test
    void an_operator_of_such_a_role_is_called_only_where_it_is_trusted() throws Exception {
        changelog.of(TABLE + FILL);
        database.execute("grant create on schema public to " + hostile);
        database.execute(OPERATOR.formatted(hostile));

        assertThatThrownBy(this::update).hasMessageContaining(hostile);
        assertThat(calls()).isZero();

        trusting(hostile, this::update);
        long calls = calls();
        assertThat(calls).as("calls of the operator").isGreaterThanOrEqualTo(20);

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1))).hasMessageContaining(hostile);
        assertThat(calls()).isEqualTo(calls);
    }

    @Test
    void an_object_of_such_a_role_is_found_after_the_grant_is_revoked() throws Exception {
        changelog.of(TABLE + FILL);
        database.execute("grant create on schema public to " + hostile);
        database.execute(OPERATOR.formatted(hostile) + """
                create function lower(varchar) returns text language sql return 'x';
                create function of_their_own(varchar) returns text language sql return 'x';
                """);
        database.execute("revoke create on schema public from %1$s; alter role %1$s nologin".formatted(hostile));

        CommandExecutionException refusal = refusal();
        assertThat(refusal).hasMessageContaining(
                "- operator public.=(character varying,character varying) belongs to %s\n".formatted(hostile))
                .hasMessageContaining("- function public.lower(character varying) belongs to %s\n".formatted(hostile))
                .hasMessageNotContaining("of_their_own").hasMessageNotContaining("revoke");

        database.execute(remedies(refusal));
        update();
        assertThat(calls()).isZero();
    }

    @Test
    void a_command_that_only_looks_runs_nothing_of_theirs_either() throws Exception {
        changelog.of(TABLE);
        update();
        database.execute("grant create on schema public to " + hostile);
        database.execute(operators("name, varchar", true));
        TargetDatabase target = new TargetDatabase(database.url(), database.username(), database.password(),
                "tiny.yaml", "test", null, Map.of());

        List<ThrowingCallable> looks = List.of(() -> changelog.run("status", Map.of()),
                () -> changelog.run("unexpectedChangesets", Map.of()), () -> changelog.run("validate", Map.of()),
                () -> DatabaseState.of(target, folder));
        for (ThrowingCallable look : looks) {
            assertThatThrownBy(look).hasMessageContaining("belongs to " + hostile)
                    .hasMessageNotContaining("may create");
        }
        assertThat(calls()).isZero();

        trusting(hostile, () -> changelog.run("status", Map.of()));
    }

    /** The server has none for these types; a comparison with one of them would find nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"text, varchar", "name, varchar", "oid, integer"})
    void the_operator_of_a_trusted_role_takes_neither_rights_nor_the_lock_from_a_run(String types) throws Exception {
        changelog.of(TABLE);
        database.execute("grant create on schema public to " + hostile);
        database.execute(operators(types, false));

        trusting(hostile, this::update);

        assertThat(relations()).containsExactly("crates", "databasechangelog", "databasechangeloglock");
    }

    private String operators(String types, boolean answer) {
        String[] type = types.split(", ");
        return """
                set session authorization %1$s;
                create sequence if not exists calls;
                grant usage on sequence calls to public;
                create function answer(%2$s) returns boolean language sql
                return nextval('public.calls') < 0 or %5$s;
                create operator = (function = answer, leftarg = %3$s, rightarg = %4$s);
                """.formatted(hostile, types, type[0], type[1], answer);
    }

    @Test
    void the_trigger_of_a_role_that_may_make_one_stops_a_run_and_no_look() throws Exception {
        changelog.of(TABLE);
        update();
        changelog.of(TABLE + FILL);
        database.execute("grant trigger on crates to %1$s; create schema %1$s authorization %1$s".formatted(hostile));
        database.execute("""
                set session authorization %1$s;
                create function %1$s.rise() returns trigger language plpgsql as 'begin return new; end';
                create trigger rise before insert on crates for each row execute function %1$s.rise();
                """.formatted(hostile));

        CommandExecutionException refusal = refusal();
        assertThat(refusal).hasMessageContaining(
                "- function %1$s.rise() of trigger rise on public.crates belongs to %1$s\n".formatted(hostile));
        assertThat(changelog.run("status", Map.of())).contains("1 changeset");
        database.execute(remedies(refusal));
        update();
    }

    @Test
    void a_view_in_place_of_the_history_is_not_read() throws Exception {
        changelog.of(TABLE);
        database.execute("grant create on schema public to " + hostile);
        database.execute("set session authorization %s; create view databasechangelog as select 1 / 0"
                .formatted(hostile));
        database.execute("revoke create on schema public from " + hostile);

        for (String command : List.of("status", "update")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of())).as(command)
                    .hasMessageContaining("- view public.databasechangelog belongs to %s\n".formatted(hostile));
        }
        database.execute(remedies(refusal()));
        update();
    }

    @Test
    void a_history_that_such_a_role_has_made_is_not_written() throws Exception {
        changelog.of(TABLE);
        update();
        database.execute("alter table databasechangelog owner to " + hostile);
        changelog.of(TABLE + FILL);

        assertThatThrownBy(this::update).hasMessageContaining("- table public.databasechangelog, with whatever its "
                + "defaults and checks call, belongs to %s\n".formatted(hostile))
                .hasMessageContaining("  alter table public.databasechangelog owner to ");
        assertThat(database.count("select count(*) from crates")).isZero();
        assertThat(changelog.run("status", Map.of())).contains("1 changeset");
        trusting(hostile, this::update);
    }

    @Test
    void a_role_with_a_name_that_a_shell_would_run_is_trusted_by_what_the_refusal_says() throws Exception {
        changelog.of(TABLE);
        String odd = hostile + " $(id) O'dd";
        database.execute("create role \"%1$s\" login; grant create on schema public to \"%1$s\"".formatted(odd));
        try {
            assertThat(refusal()).hasMessageContaining("mvn with -Dsupportdb.trusted.roles='%s', else"
                    .formatted(odd.replace("'", "'\\''")));
            trusting(odd, this::update);
        } finally {
            database.execute("drop owned by \"%1$s\"; drop role \"%1$s\"".formatted(odd));
        }
    }

    @Test
    void a_refusal_is_printable_whatever_a_name_has_in_it() throws Exception {
        changelog.of(TABLE);
        update();

        for (String command : List.of("update", "tag", "status")) {
            assertThatThrownBy(() -> trusting("no\u001b[2Jbody", () -> changelog.run(command, Map.of("tag", "t"))))
                    .as(command).isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessageContaining("names no\\u001b[2Jbody, and there is no such role");
        }
    }

    @Test
    void a_grant_to_a_group_counts_for_its_members() throws Exception {
        changelog.of(TABLE);
        database.execute("grant usage, create on schema public to " + group);
        assertThatThrownBy(this::update).hasMessageContaining("- %s may create in schema public\n".formatted(group));
        database.execute("grant %s to %s".formatted(group, migrator));
        byMigrator(TABLE).run("update", Map.of());

        for (String member : List.of("alter role %2$s noinherit", "alter role %2$s inherit")) {
            database.execute((member + "; grant %1$s to %2$s").formatted(group, hostile));
            assertThatThrownBy(() -> byMigrator(TABLE).run("update", Map.of())).hasMessageContaining(
                    "- %s (by %s) may create in schema public\n".formatted(hostile, group))
                    .hasMessageContaining("  revoke create on schema public from %s;\n".formatted(group));
        }
        trusting(group, this::update);
        trusting(migrator + " , " + hostile, this::update);
        trusting("public", this::update);
        assertThatThrownBy(() -> trusting(migrator, this::update)).hasMessageContaining(hostile);
        assertThatThrownBy(() -> trusting("nobody_of_this_name", this::update))
                .hasMessage("supportdb.trusted.roles names nobody_of_this_name, and there is no such role. "
                        + "Nothing has been changed.");
    }

    @Test
    void owners_and_the_role_of_the_run_may_create() throws Exception {
        database.execute("grant usage, create on schema public to " + migrator);
        byMigrator(TABLE).run("update", Map.of());
        changelog.of(TABLE);
        assertThatThrownBy(this::update).as("somebody else's run")
                .hasMessageContaining("- %s may create in schema public".formatted(migrator));

        database.execute("grant %s to %s".formatted(group, migrator));
        database.execute("alter database %s owner to %s".formatted(database.name(), group));
        update();
        database.execute("alter database %s owner to current_user".formatted(database.name()));
        assertThatThrownBy(this::update).hasMessageContaining(migrator);
        database.execute("alter schema public owner to " + group);
        update();
    }

    @Test
    void a_grant_by_somebody_else_than_the_owner_is_taken_back_by_that_one_and_first() throws Exception {
        changelog.of(TABLE);
        database.execute("grant create on schema public to %s with grant option".formatted(group));
        database.execute("set role %s; grant create on schema public to %s".formatted(group, hostile));

        assertThat(remedies(refusal())).isEqualTo("""
                set role %1$s; revoke create on schema public from %2$s; reset role;
                revoke create on schema public from %1$s;""".formatted(group, hostile));
        database.execute(remedies(refusal()));
        update();
    }

    @Test
    void a_schema_that_is_not_there_is_as_open_as_the_database() throws Exception {
        changelog.of(TABLE);
        database.execute("drop schema public; grant create on database %s to %s".formatted(database.name(), hostile));

        assertThatThrownBy(this::update)
                .hasMessageContaining("- %s may create schema public, which the search path names and which is not there\n"
                        .formatted(hostile))
                .hasMessageContaining("  revoke create on database %s from %s;".formatted(database.name(), hostile));

        database.execute("create schema public");
        update();
    }

    @Test
    void a_further_worker_of_a_backfill_is_refused_as_well() throws Exception {
        changelog.of(TinyChangelog.backfill("fill", "name: crates", "table: crates", "pending: label is null",
                "fill: update crates set label = 'a' where id = any(:keys)"));
        RemoteBackfillWorker worker = new RemoteBackfillWorker(new TargetDatabase(database.url(), database.username(),
                database.password(), "tiny.yaml", "test", null, Map.of()), folder, line -> { });
        database.execute("grant create on schema public to " + hostile);

        assertThatThrownBy(() -> worker.join("crates")).hasMessageContaining(hostile);

        trusting(hostile, () -> assertThatThrownBy(() -> worker.join("crates")).hasMessageNotContaining(hostile));
    }

    @Test
    void a_script_asks_the_session_that_runs_it() throws Exception {
        assumeThat(PsqlScript.isInstalled()).isTrue();
        changelog.of(TABLE);
        String script = changelog.run("updateSql", Map.of());
        assertThat(changelog.runOffline("updateSql")).contains("do $search_path$");
        database.execute("grant create on schema public to " + hostile);

        PsqlScript.Result refused = PsqlScript.exit(database, script);
        assertThat(refused.log()).contains(hostile + " may create in schema public")
                .contains("  revoke create on schema public from " + hostile)
                .contains("=%s in the environment, and write the script again.".formatted(hostile));
        assertThat(refused.code()).isEqualTo(3);
        assertThat(relations()).isEmpty();

        String[] trusted = new String[1];
        trusting(hostile, () -> trusted[0] = changelog.run("updateSql", Map.of()));
        PsqlScript.run(database, trusted[0]);
        assertThat(relations()).containsExactly("crates", "databasechangelog");
    }
}
