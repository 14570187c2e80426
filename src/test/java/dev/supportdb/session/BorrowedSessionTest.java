package dev.supportdb.session;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.postgres.Sql;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection that a run has borrowed from an application has the same settings afterwards. */
@SuppressWarnings({"resource", "deprecation"}) // An application may return its connection without closing Liquibase.
final class BorrowedSessionTest {

    private static final String OUTSIDE = "runInTransaction: false";

    /** The changes of a changeset to its session: settings of each kind. */
    private static final String UNTIDY = """
            set work_mem = '77MB';
            set lock_timeout = '7s';
            set search_path = pg_catalog;
            set app.tenant = 'seven';
            set session characteristics as transaction isolation level serializable;
            """;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;
    private Connection borrowed;

    @BeforeEach
    void borrow() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database);
        borrowed = database.connect();
    }

    @AfterEach
    void drop() throws Exception {
        borrowed.close();
        database.close();
    }

    /** Each setting with where it comes from, the users, and whether each statement commits. */
    private List<String> session() throws SQLException {
        boolean autoCommit = borrowed.getAutoCommit();
        List<String> session = Sql.texts(borrowed, """
                select concat_ws(' ', name, setting, source) from pg_settings
                where name !~ '^(transaction_|in_hot_standby|plpgsql)' union all
                select concat_ws(' ', session_user, current_user, current_setting('role'), ?::text) order by 1
                """, autoCommit);
        if (!autoCommit) {
            borrowed.rollback();
        }
        return session;
    }

    /** Returns the settings that differ from those before. */
    private List<String> changes(List<String> before) throws SQLException {
        List<String> now = session();
        return Stream.concat(now.stream().filter(line -> !before.contains(line)),
                before.stream().filter(line -> !now.contains(line))).toList();
    }

    private Liquibase liquibase() throws Exception {
        return new Liquibase("tiny.yaml", new DirectoryResourceAccessor(folder), new JdbcConnection(borrowed));
    }

    private void update() throws Exception {
        liquibase().update(new Contexts("test"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_connection_is_as_it_was_after_an_update(boolean autoCommit) throws Exception {
        changelog.of(changeSet("1", "", "create table a (id int);" + UNTIDY, null)
                + changeSet("2", OUTSIDE, UNTIDY, null));
        Sql.execute(borrowed, "set lock_timeout = '9s'; set app.tenant = 'nine'; set timezone = 'Asia/Tokyo'");
        borrowed.setAutoCommit(autoCommit);
        List<String> before = session();

        update();
        assertThat(changes(before)).isEmpty();
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);

        update();
        assertThat(changes(before)).as("when there was nothing to do").isEmpty();
    }

    @Test
    void the_connection_is_as_it_was_whatever_had_been_set() throws Exception {
        changelog.of(changeSet("1", "", "create table a (id int);" + UNTIDY, null));
        Sql.execute(borrowed, """
                do $$
                begin
                    perform set_config(name, setting, false) from pg_settings
                    where context in ('user', 'superuser') and name !~ '^transaction_';
                end $$""");
        Sql.execute(borrowed, "set role pg_database_owner");
        List<String> before = session();
        assertThat(before).filteredOn(setting -> setting.endsWith(" session")).hasSizeGreaterThan(100);

        update();

        assertThat(changes(before)).isEmpty();
    }

    @Test
    void the_connection_is_as_its_role_and_database_have_it() throws Exception {
        changelog.of(changeSet("1", "", "create table a (id int);" + UNTIDY, null));
        String role = "%s in database %s".formatted(database.username(), database.name());
        database.execute("alter role %s set lock_timeout = '5s'; alter role %1$s set search_path = app, public"
                .formatted(role));
        database.execute("alter database %s set timezone = 'Asia/Tokyo'".formatted(database.name()));
        borrowed.close();
        borrowed = database.connect();
        List<String> before = session();
        assertThat(before).contains("lock_timeout 5000 database user", "TimeZone Pacific/Chatham client");

        update();

        assertThat(changes(before)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", OUTSIDE})
    void the_connection_is_as_it_was_after_a_failure(String attributes) throws Exception {
        changelog.of(changeSet("1", attributes, UNTIDY, null)
                + changeSet("2", attributes, "set role pg_monitor; boom", null));
        List<String> before = session();

        assertThatThrownBy(this::update).hasMessageContaining("syntax error");

        assertThat(changes(before)).isEmpty();
    }

    @Test
    void the_connection_is_as_it_was_after_a_refusal() throws Exception {
        changelog.of(changeSet("1", "", "create table a (id int)", null));
        List<String> before = session();

        assertThatThrownBy(() -> liquibase().update(new Contexts("no such, one")))
                .hasMessageContaining("cannot be read");
        assertThat(changes(before)).isEmpty();

        changelog.of("- include: {file: nosuch.yaml}\n");
        assertThatThrownBy(this::update).hasMessageContaining("nosuch");
        assertThat(changes(before)).isEmpty();
    }

    @Test
    void a_read_only_connection_is_refused_as_such() throws Exception {
        changelog.of(changeSet("1", "", "create table a (id int)", null));
        Sql.execute(borrowed, "set default_transaction_read_only = on");

        assertThatThrownBy(this::update).hasMessageContaining("the connection is read-only")
                .hasMessageNotContaining("alter system");
    }

    @Test
    void the_connection_is_as_it_was_after_commands_on_one_database() throws Exception {
        changelog.of(changeSet("1", "", "create table a (id int);" + UNTIDY, "drop table a; set work_mem = '88MB'"));
        List<String> before = session();
        Liquibase liquibase = liquibase();

        liquibase.update("");
        assertThat(changes(before)).isEmpty();
        liquibase.reportStatus(true, "", new StringWriter());
        assertThat(changes(before)).isEmpty();
        liquibase.rollback(1, "");
        assertThat(changes(before)).isEmpty();
        liquibase.updateTestingRollback("");
        assertThat(changes(before)).isEmpty();
        liquibase.update("", new StringWriter());
        assertThat(changes(before)).isEmpty();
        liquibase.tag("a");
        assertThat(changes(before)).isEmpty();
        liquibase.dropAll();
        assertThat(changes(before)).isEmpty();
        assertThat(borrowed.isClosed()).isFalse();
    }

    @Test
    void the_connection_is_as_it_was_after_a_command_scope_with_its_database() throws Exception {
        changelog.of(changeSet("1", "", "create table a (id int);" + UNTIDY, null));
        List<String> before = session();
        Database given = DatabaseFactory.getInstance().findCorrectDatabaseImplementation(new JdbcConnection(borrowed));

        Scope.child(Map.of("resourceAccessor", new DirectoryResourceAccessor(folder)), () -> {
            CommandScope update = new CommandScope("update");
            update.addArgumentValue("database", given);
            update.addArgumentValue("changelogFile", "tiny.yaml");
            update.execute();
        });

        assertThat(changes(before)).isEmpty();
    }

    /** Liquibase alone leaves what a changeset sets, so that the comparison can fail. */
    @Test
    void stock_liquibase_leaves_it_changed() throws Exception {
        changelog.of(changeSet("1", "", "create table a (id int);" + UNTIDY, null));
        List<String> before = session();
        PostgresDatabase stock = new PostgresDatabase();
        stock.setConnection(new JdbcConnection(borrowed));

        new Liquibase("tiny.yaml", new DirectoryResourceAccessor(folder), stock).update("");

        assertThat(changes(before)).contains("work_mem 78848 session");
    }
}
