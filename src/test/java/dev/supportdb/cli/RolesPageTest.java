package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.DataDigest;
import dev.supportdb.schema.IgnoreList;
import dev.supportdb.support.Databases;
import dev.supportdb.support.DocumentationPage;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.DriftCheck;
import dev.supportdb.verify.ExpectedSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page about roles: its script makes them, and everything the project does runs under them and no other. */
final class RolesPageTest {

    private static final List<String> ROLES = List.of("owner", "application", "reader", "backup", "scratch");
    private static final MigrationState HEAD = MigrationState.head().withTickets(20);

    /** The message for a session with only the rights of the script. */
    private static final String NO_RIGHT = "permission denied";

    @TempDir
    private Path folder;

    private DocumentationPage page;
    private TestDatabase database;

    @BeforeEach
    void begin() throws IOException, SQLException {
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH, to run the script with").isTrue();
        page = DocumentationPage.of("docs/roles.md");
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws SQLException {
        dropRoles();
        database.close();
    }

    private void dropRoles() throws SQLException {
        for (String role : ROLES) {
            if (database.count("select count(*) from pg_roles where rolname = '%s'".formatted(name(role))) > 0) {
                database.execute("drop owned by %1$s cascade; drop role %1$s".formatted(name(role)));
            }
        }
    }

    private String name(String role) {
        return database.name() + "_" + role;
    }

    /** The database as a role of the script sees it. */
    private TestDatabase as(String role) {
        return new TestDatabase(database.name(), database.url(), name(role), role);
    }

    /** Runs the command of the page that names all roles, under the names of this test. */
    private PsqlScript.Result setUp(TestDatabase administrator) throws Exception {
        String command = named(page.commands().get(1)).replace("-d support", "-d \"$URL\"");
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true);
        shell.environment().put("URL", CommandRun.url(administrator));
        Process process = shell.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new PsqlScript.Result(process.waitFor(), said);
    }

    private String named(String text) {
        String named = text.replace("database support", "database " + database.name());
        for (String role : ROLES) {
            named = named.replace("support_" + role, name(role));
        }
        return named;
    }

    private void setUp() throws Exception {
        PsqlScript.Result result = setUp(database);
        assertThat(result.code()).as(result.log()).isZero();
        for (String role : ROLES) {
            database.execute("alter role %s password '%s'".formatted(name(role), role));
        }
    }

    private LiquibaseRunner migration() {
        return new LiquibaseRunner(HEAD.of(as("owner")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"open", "hardened"})
    void the_changelog_runs_forward_and_back_under_the_roles(String kind) throws Exception {
        setUp();
        if (kind.equals("hardened")) {
            String hardening = page.between("## A hardened database", "## SQL for review").blocks().get(0).text();
            assertThat(hardening).contains("revoke all on schema public", "revoke connect", "temporary on database",
                    "revoke execute on functions", "revoke usage on types");
            database.execute(named(hardening));
        }

        migration().update();
        assertThat(writable("application")).as("tables of an update, at once").contains("tickets", "tags", "messages");
        assertThat(readable("reader")).containsAll(writable("owner"));
        assertThat(writable("application")).as("before the script is run again").containsAll(closed());

        setUp();
        List<String> rights = rights();
        setUp();
        assertThat(rights()).isEqualTo(rights);
        assertThat(writable("application")).contains("tickets", "tags", "messages").doesNotContainAnyElementsOf(closed());
        assertThat(writable("reader")).isEmpty();
        assertThat(writable("backup")).isEmpty();
        applicationWorks();
        othersReadAll();

        migration().discarding().rollback();
        assertThat(database.texts("select tablename from pg_tables where schemaname = 'public'"))
                .containsExactlyInAnyOrder("databasechangelog", "databasechangeloglock");
    }

    /** Returns the functions that the script closes, in a database at the head: all that it names. */
    private List<String> closed() throws SQLException, IOException {
        Matcher closed = Pattern.compile("\\\\set closed (?::closed,)?(\\S+)")
                .matcher(Files.readString(Path.of("docs/roles.sql")));
        List<String> names = closed.results().flatMap(found -> Stream.of(found.group(1).split(","))).toList();
        assertThat(database.texts("select tablename from pg_tables where schemaname = 'public'")).containsAll(names);
        assertThat(names).contains("databasechangelog", "backfills", "backfill_ranges", "ticket_audit_log")
                .containsAll(database.texts("select tablename from pg_tables where tablename like '%\\_originals'"));
        return names;
    }

    private List<String> writable(String role) throws SQLException {
        return tables(role, "insert, update, delete, truncate");
    }

    private List<String> readable(String role) throws SQLException {
        return tables(role, "select");
    }

    private List<String> tables(String role, String rights) throws SQLException {
        return database.texts("""
                select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
                    and has_table_privilege('%s', oid, '%s') order by relname
                """.formatted(name(role), rights));
    }

    private List<String> rights() throws SQLException {
        return database.texts("""
                select relname || relacl::text from pg_class where relnamespace = 'public'::regnamespace
                union all select defaclobjtype::text || defaclacl::text from pg_default_acl
                union all select nspacl::text from pg_namespace where nspname = 'public'
                union all select datacl::text from pg_database where datname = current_database()
                union all select to_jsonb(r)::text from pg_roles r where rolname like '%s\\_%%'
                union all select to_jsonb(m)::text from pg_auth_members m
                order by 1
                """.formatted(database.name()));
    }

    private void applicationWorks() throws IOException, SQLException {
        TestDatabase application = as("application");
        application.execute("""
                insert into customers (id, email, name) values (1001, 'c@example.com', 'C');
                insert into users (id, email, full_name) values (1001, 'u@example.com', 'U');
                insert into tags (name, color, created_at) values ('urgent', '#f00', now());
                insert into tickets (id, customer_id, subject, description) values (1001, 1001, 's', 'd');
                insert into ticket_comments (ticket_id, user_id, content) values (1001, 1001, 'a');
                update tickets set status = 'RESOLVED', priority = 'urgent', assigned_user_id = 1001 where id = 1001;
                delete from users where id = 1001;
                """);
        assertThat(application.count("select count(*) from ticket_audit_log where ticket_id = 1001"))
                .as("created, status, priority, assigned, and nobody once the user is gone").isEqualTo(5);
        for (String table : closed()) {
            for (String statement : new String[] {"insert into %s default values", "delete from %s"}) {
                assertThatThrownBy(() -> application.execute(statement.formatted(table)))
                        .hasMessageContaining(NO_RIGHT);
            }
        }
        assertThatThrownBy(() -> application.execute("create table mine (id int)")).hasMessageContaining(NO_RIGHT);
        application.letGo();
    }

    private void othersReadAll() throws Exception {
        DataDigest all;
        try (Connection connection = database.connect()) {
            all = DataDigest.of(connection);
        }
        for (String role : new String[] {"reader", "backup"}) {
            try (Connection connection = as(role).connect()) {
                assertThat(DataDigest.of(connection)).isEqualTo(all);
            }
            assertThatThrownBy(() -> as(role).execute("delete from tags")).hasMessageContaining(NO_RIGHT);
            as(role).letGo();
        }
        dump();
    }

    /** Makes a dump; a pg_dump of an older major version refuses the server. */
    private void dump() throws Exception {
        Process version = new ProcessBuilder("pg_dump", "--version").start();
        Matcher major = Pattern.compile("\\d+").matcher(new String(version.getInputStream().readAllBytes()));
        if (!major.find() || Integer.parseInt(major.group()) * 10_000
                < database.count("select current_setting('server_version_num')::int / 10000 * 10000")) {
            return;
        }
        ProcessBuilder dump = new ProcessBuilder("pg_dump", "-d", CommandRun.url(as("backup")), "-f",
                folder.resolve("dump.sql").toString()).redirectErrorStream(true);
        Process process = dump.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(Files.readString(folder.resolve("dump.sql"))).contains("COPY public.ticket_audit_log");
    }

    @Test
    void a_command_that_needs_scratch_databases_names_the_missing_right_and_works_with_it() throws Exception {
        setUp();
        migration().updateTo("before-009_reports");
        try (TestDatabase elsewhere = Databases.empty()) {
            String scratch = "--scratch-url=" + CommandRun.url(
                    new TestDatabase(elsewhere.name(), elsewhere.url(), name("scratch"), "scratch"));
            for (String[] command : new String[][] {{"check"}, {"stamp", "before-008"}, {"rehearse", "--rows=20"},
                {"rollback-check", "--env=analytics"}}) {
                CommandRun refused = CommandRun.on(as("owner"), command);
                assertThat(refused.output()).as(command[0]).contains("User %s may not create a scratch database. "
                        .formatted(name("owner")), "alter role %s createdb;".formatted(name("owner")), "SCRATCH_URL=");
                assertThat(refused.exitCode()).as(command[0]).isEqualTo(command[0].equals("stamp") ? 1 : 2);
            }

            CommandRun rehearsal = CommandRun.on(as("owner"), "rehearse", "--rows=20", scratch);
            assertThat(rehearsal.exitCode()).as(rehearsal.output()).isZero();
            CommandRun rollbacks = CommandRun.on(as("owner"), "rollback-check", "--env=analytics", scratch);
            assertThat(rollbacks.exitCode()).as(rollbacks.output()).isZero();
            checks(new TestDatabase(elsewhere.name(), elsewhere.url(), name("scratch"), "scratch"));
        }
    }

    /**
     * Asserts that a check finds only the grants as differences, and that the lines of the page are enough to allow
     * them.
     */
    private void checks(TestDatabase scratch) throws Exception {
        TargetDatabase target = HEAD.of(as("owner"));
        DriftCheck found = DriftCheck.of(target, new ExpectedSchema(
                target.at(scratch.url(), scratch.username(), scratch.password()), Path.of("")));
        Path ignore = folder.resolve("drift.ignore");
        Files.writeString(ignore, named(page.from("## Scratch databases").blocks().stream()
                .filter(block -> "changelog/drift.ignore".equals(block.file())).findFirst().orElseThrow().text()));
        IgnoreList.Outcome outcome = IgnoreList.read(ignore).apply(found.difference());

        assertThat(found.difference().isEmpty()).isFalse();
        assertThat(outcome.difference()).hasToString("no difference");
        assertThat(outcome.idle()).isEmpty();
        database.execute("create index by_hand on tags (name)");
        assertThat(IgnoreList.read(ignore).apply(DriftCheck.of(target, new ExpectedSchema(
                target.at(scratch.url(), scratch.username(), scratch.password()), Path.of(""))).difference())
                .difference().toString()).contains("by_hand");
    }

    @Test
    void whoever_may_read_the_history_and_the_view_can_review_and_watch() throws Exception {
        setUp();
        new LiquibaseRunner(HEAD.of(as("owner"))).updateTo("before-017_ticket_categories");
        database.execute("""
                revoke all on all tables in schema public from %1$s;
                revoke usage on schema public from %1$s, public;
                """.formatted(name("reader")));
        for (String[] command : new String[][] {{"backfills"}, {"status"}, {"current"}, {"history"}, {"sql"},
            {"rollback-sql"}}) {
            CommandRun refused = CommandRun.on(as("reader"), command);
            assertThat(refused.output()).as(command[0]).contains(
                    "grant usage on schema public to %s;".formatted(name("reader")),
                    command[0].equals("backfills") ? "grant select on public.backfill_progress to " + name("reader")
                            : "grant select on public.databasechangelog to " + name("reader"));
            assertThat(refused.exitCode()).as(command[0]).isIn(1, 2);
        }

        database.execute("""
                grant usage on schema public to %1$s;
                grant select on databasechangelog, backfill_progress to %1$s;
                """.formatted(name("reader")));
        for (String[] command : new String[][] {{"backfills"}, {"status"}, {"current", "--labels=!vector"},
            {"history", "--labels=!vector"}, {"sql"}, {"rollback-sql", "--count=9"}}) {
            CommandRun run = CommandRun.on(as("reader"), command);
            assertThat(run.exitCode()).as(run.output()).isZero();
        }
        assertThat(CommandRun.on(as("reader"), "backfills").output()).contains("ticket_metrics  ", "filled");
        CommandRun pause = CommandRun.on(as("reader"), "backfills", "pause", "ticket_metrics");
        assertThat(pause.output()).contains("grant select, update on public.backfills to " + name("reader"));
        assertThat(pause.exitCode()).isEqualTo(1);
        as("reader").letGo();
    }

    @Test
    void a_person_migrates_as_the_owner_by_a_login_of_their_own() throws Exception {
        setUp();
        String person = name("anna");
        database.execute(named(page.between("## Set up", "## A database that").blocks().stream()
                .filter(block -> block.language().equals("sql")).findFirst().orElseThrow().text())
                .replace("anna", person));
        database.execute("alter role %s password 'anna'".formatted(person));
        try {
            LiquibaseRunner migration = new LiquibaseRunner(HEAD.of(as("anna")));
            migration.updateTo("before-009_reports");

            assertThat(database.texts("select distinct pg_get_userbyid(relowner) from pg_class "
                    + "where relnamespace = 'public'::regnamespace")).containsExactly(name("owner"));
            assertThat(writable("application")).contains("tickets");
            migration.discarding().rollback();
        } finally {
            database.execute("drop role " + person);
        }
    }

    /** This is the case on a managed service. */
    @Test
    void an_administrator_who_is_no_superuser_can_set_them_up() throws Exception {
        String administrator = name("administrator");
        database.execute("create role %1$s login createrole createdb password 'administrator'; alter database %2$s owner to %1$s"
                .formatted(administrator, database.name()));
        try {
            TestDatabase service = as("administrator");
            PsqlScript.Result first = setUp(service);
            assertThat(first.code()).as(first.log()).isZero();
            boolean mayGrant = database.count("select current_setting('server_version_num')::int") < 160_000;
            assertThat(first.log().contains("grant pg_read_all_data to " + name("backup"))).isEqualTo(!mayGrant);
            database.execute("alter role %s password 'owner'".formatted(name("owner")));

            new LiquibaseRunner(HEAD.of(as("owner"))).updateTo("before-009_reports");
            PsqlScript.Result second = setUp(service);
            assertThat(second.code()).as(second.log()).isZero();
            assertThat(writable("application")).contains("tickets", "tags").doesNotContain("ticket_audit_log");
            assertThat(readable("backup")).contains("ticket_audit_log");
            as("owner").letGo();
        } finally {
            dropRoles();
            database.execute("reassign owned by %1$s to current_user; drop owned by %1$s; drop role %1$s"
                    .formatted(administrator));
        }
    }

    @Test
    void the_script_refuses_a_role_that_may_more_before_it_changes_anything() throws Exception {
        database.execute("create role %s superuser".formatted(name("reader")));
        PsqlScript.Result superuser = setUp(database);
        assertThat(superuser.log()).contains("None of the roles may be a superuser or replicate, as %s may"
                .formatted(name("reader")), "Nothing has been changed");
        assertThat(superuser.code()).isEqualTo(3);
        database.execute("alter role %1$s nosuperuser createdb createrole".formatted(name("reader")));
        assertThat(database.count("select count(*) from pg_roles where rolname = '%s'".formatted(name("owner")))).isZero();

        setUp();
        assertThat(database.texts("select rolname from pg_roles where rolname like '%s\\_%%' and (rolsuper or rolcreaterole)"
                .formatted(database.name()))).isEmpty();
        assertThat(database.texts("select rolname from pg_roles where rolname like '%s\\_%%' and rolcreatedb"
                .formatted(database.name()))).containsExactly(name("scratch"));
    }

    @Test
    void the_page_names_what_the_script_and_the_check_say() throws Exception {
        String script = Files.readString(Path.of("docs/roles.sql"));
        assertThat(page.commands().get(0)).isEqualTo("psql -X -d support -f docs/roles.sql");
        for (String role : ROLES) {
            assertThat(script).contains("\\set %1$s support_%1$s\n".formatted(role));
            assertThat(page.text()).contains("| `support_%s` |".formatted(role));
        }
        setUp();
        new LiquibaseRunner(HEAD.of(database)).updateTo("before-009_reports");
        database.execute("grant all on databasechangelog to " + name("owner"));

        CommandRun refused = CommandRun.on(as("owner"), "update", "--labels=!vector");
        String said = page.between("## A database that somebody", "## A hardened").blocks().get(0).text();
        assertThat(refused.output().lines()).containsAll(named(said).lines().toList());
    }
}
