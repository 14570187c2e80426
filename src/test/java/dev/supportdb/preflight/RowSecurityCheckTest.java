package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.backfill;
import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.postgres.Sql;
import dev.supportdb.support.Databases;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that nothing is counted, filled or moved if row-level security hides rows from a run. */
final class RowSecurityCheckTest {

    private static final String TABLE = changeSet("table", "",
            "create table crates (id int primary key, weight int)", "drop table crates");
    private static final String COLUMN = """
            - changeSet:
                id: size
                author: test
                changes:
                  - sql: {sql: alter table crates add size int}
                rollback:
                  - refuse: {loses: crates.size, rows: select * from crates where size is not null}
                  - sql: {sql: alter table crates drop size}
            """;
    private static final String FUNCTION = changeSet("function", "", """
            create function weigh() returns trigger language plpgsql security definer as $$
            begin
                perform count(*) from crates;
                return null;
            end
            $$;
            create trigger weigh after insert on crates for each row execute function weigh()
            """, "drop function weigh() cascade");
    private static final String FILL = backfill("fill", "name: crates", "table: crates", "pending: weight is null",
            "fill: update crates set weight = 1 where id = any(:keys)");
    private static final String POLICY = """
            insert into crates select n, null, n from generate_series(1, 50) n;
            alter table crates enable row level security;
            create policy tenant on crates using (current_setting('app.tenant', true) = '1');
            """;
    private static final String FORCE = "alter table crates force row level security";

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TestDatabase owned;
    private TinyChangelog changelog;
    private String owner;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        owner = database.name() + "_owner";
        database.execute("create role %1$s login password 'owner'; alter database %2$s owner to %1$s"
                .formatted(owner, database.name()));
        owned = new TestDatabase(database.name(), database.url(), owner, "owner");
        changelog = new TinyChangelog(folder, owned);
    }

    @AfterEach
    void drop() throws Exception {
        owned.letGo();
        database.execute("alter database %s owner to current_user".formatted(database.name()));
        database.execute("reassign owned by %1$s to current_user; drop owned by %1$s; drop role %1$s".formatted(owner));
        database.close();
    }

    private String hidden(String who) {
        return "- public.crates from %s, %s\n".formatted(owner, who);
    }

    @Test
    void a_data_loss_check_is_not_asked_where_it_would_count_a_part_only() throws Exception {
        changelog.of(TABLE + COLUMN).run("update", Map.of());
        database.execute(POLICY + FORCE);
        assertThat(owned.count("select count(*) from crates where size is not null")).as("rows that the owner sees")
                .isZero();

        assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                .isInstanceOf(CommandExecutionException.class).hasNoCause()
                .hasMessageContaining(hidden("which runs this"))
                .hasMessageContaining("Nothing has been changed.")
                .hasMessageContaining("  alter role %s bypassrls;\n".formatted(owner))
                .hasMessageEndingWith("  alter table public.crates no force row level security;");
        assertThat(database.count("select count(size) from crates")).isEqualTo(50);

        for (String remedy : List.of("alter role %s bypassrls", "alter role %s nobypassrls;"
                + " alter table crates no force row level security")) {
            database.execute(remedy.formatted(owner));
            assertThatThrownBy(() -> changelog.run("rollbackCount", Map.of("count", 1)))
                    .hasMessageContaining("50 rows of crates.size would be lost");
        }
    }

    @Test
    void a_session_of_a_run_fails_where_one_without_its_settings_counts_none() throws Exception {
        changelog.of(TABLE + COLUMN).run("update", Map.of());
        database.execute(POLICY + FORCE);
        RefuseChange guard = new RefuseChange();
        guard.setRows("select * from crates where size is not null");
        guard.setLoses("crates.size");

        assertThatCode(() -> owned.execute(guard.sql())).doesNotThrowAnyException();
        String script = changelog.run("rollbackCountSql", Map.of("count", 1));
        assertThat(script).contains("set row_security = off");
        assertThatThrownBy(() -> owned.execute("set row_security = off;" + guard.sql()))
                .hasMessageContaining("query would be affected by row-level security policy for table \"crates\"");
    }

    @Test
    void a_script_asks_the_session_that_runs_it_before_anything_is_changed() throws Exception {
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH, to run the script with").isTrue();
        changelog.of(TABLE).run("update", Map.of());
        String script = changelog.of(TABLE + COLUMN).run("updateSql", Map.of());
        database.execute(POLICY.replace(", n from", " from") + FORCE);

        PsqlScript.Result refused = PsqlScript.exit(owned, script);
        assertThat(refused.code()).isNotZero();
        assertThat(refused.log()).contains("Row-level security hides rows of public.crates from " + owner,
                "alter role %s bypassrls;".formatted(owner));
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(1);

        database.execute("alter role %s bypassrls".formatted(owner));
        PsqlScript.run(owned, script);
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);
    }

    @Test
    void a_fill_is_not_recorded_without_being_done() throws Exception {
        changelog.of(TABLE + COLUMN).run("update", Map.of());
        database.execute(POLICY + FORCE);

        assertThatThrownBy(() -> changelog.of(TABLE + COLUMN + FILL).run("update", Map.of()))
                .hasMessageContaining(hidden("which runs this"));
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);
    }

    @Test
    void a_function_is_not_left_to_an_owner_who_sees_a_part_only() throws Exception {
        changelog.of(TABLE + COLUMN + FUNCTION).run("update", Map.of());
        database.execute(POLICY);
        TinyChangelog bySuperuser = new TinyChangelog(folder, database);
        bySuperuser.run("update", Map.of());

        database.execute(FORCE);
        for (String command : List.of("update", "rollbackCount")) {
            assertThatThrownBy(() -> bySuperuser.run(command, Map.of("count", 1))).as(command)
                    .hasMessageContaining(hidden("whose rights public.weigh() has"))
                    .hasMessageNotContaining("which runs this");
        }
        assertThat(bySuperuser.run("changelogSync", Map.of())).as("marking moves no rows").isEmpty();

        database.execute("alter function weigh() owner to current_user");
        bySuperuser.run("rollbackCount", Map.of("count", 1));
    }

    @Test
    void tables_that_the_changelog_does_not_create_may_hide_their_rows() throws Exception {
        changelog.of(TABLE).run("update", Map.of());
        owned.execute("create table other (id int); alter table other enable row level security;"
                + "alter table other force row level security");

        changelog.of(TABLE + COLUMN).run("update", Map.of());
        changelog.run("rollbackCount", Map.of("count", 2));
    }

    @Test
    void a_history_that_is_hidden_is_not_taken_for_an_empty_one() throws Exception {
        changelog.of(TABLE).run("update", Map.of());
        database.execute("""
                alter table databasechangelog owner to current_user;
                alter table databasechangelog enable row level security;
                grant all on databasechangelog to %s""".formatted(owner));
        assertThat(owned.count("select count(*) from databasechangelog")).isZero();

        for (String command : List.of("update", "updateSql", "status", "changelogSync")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of())).as(command)
                    .hasMessageContaining("- public.databasechangelog from %s, which runs this".formatted(owner))
                    .hasMessageContaining("alter role %s bypassrls;".formatted(owner));
        }
    }

    /** The server tells a session only about itself. For the owner of a function it is worked out. */
    @Test
    void roles_are_judged_as_the_server_judges_them() throws Exception {
        List<String> roles = new ArrayList<>();
        StringBuilder functions = new StringBuilder();
        for (String attributes : List.of("", "bypassrls", "in role %s".formatted(owner),
                "noinherit in role %s".formatted(owner), "superuser")) {
            String role = owner + roles.size();
            roles.add(role);
            database.execute("create role %s %s".formatted(role, attributes));
            functions.append("create function f%1$s() returns int security definer return 1;"
                    .formatted(role));
        }
        try {
            changelog.of(TABLE + changeSet("functions", "", functions.toString(), null)).run("update", Map.of());
            for (String role : roles) {
                database.execute("alter function f%1$s() owner to %1$s; grant select on crates to %1$s".formatted(role));
            }
            for (String state : List.of("enable", "force", "no force", "disable")) {
                database.execute("alter table crates %s row level security".formatted(state));
                String report = report();
                for (String role : roles) {
                    assertThat(report.contains("- public.crates from %1$s, whose rights public.f%1$s() has"
                            .formatted(role))).as(role + ", " + state).isEqualTo(isActive(role));
                }
            }
        } finally {
            for (String role : roles) {
                database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
            }
        }
    }

    private String report() {
        try {
            new TinyChangelog(folder, database).run("update", Map.of());
            return "";
        } catch (CommandExecutionException e) {
            return e.getMessage();
        }
    }

    private boolean isActive(String role) throws SQLException {
        try (Connection connection = database.connect()) {
            Sql.execute(connection, "set role " + role);
            return Sql.isTrue(connection, "select row_security_active('public.crates')");
        }
    }
}
