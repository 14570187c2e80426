package dev.supportdb.session;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.resource.DirectoryResourceAccessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A changelog works in the schema that it names, and one that names none where its connection is. */
final class ChangelogSchemaTest {

    private static final String TABLE = changeSet("1", "", "create table crates (id int)", "drop table crates");

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void makeSchema() throws Exception {
        database = Databases.empty();
        database.execute("create schema shop");
        changelog = new TinyChangelog(folder, database);
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    private TinyChangelog in(String schema) {
        return new TinyChangelog(folder, new TestDatabase(database.name(),
                database.url() + (database.url().contains("?") ? "&" : "?") + "currentSchema=" + schema,
                database.username(), database.password()));
    }

    private List<String> tables() throws Exception {
        return database.texts("""
                select schemaname || '.' || tablename from pg_tables
                where schemaname in ('public', 'shop') and tablename <> 'databasechangeloglock' order by 1
                """);
    }

    @Test
    void another_schema_of_the_connection_is_refused_by_name() throws Exception {
        changelog.of(TABLE);
        in("shop").runStock("update", Map.of());

        assertThatThrownBy(() -> in("shop").run("update", Map.of()))
                .hasMessageContaining("The connection uses schema shop, and tiny.yaml belongs in public.")
                .hasMessageContaining("Nothing has been changed");
        assertThatThrownBy(() -> changelog.run("status", Map.of("defaultSchemaName", "shop")))
                .hasMessageContaining("uses schema shop");
        try (Connection pooled = database.connect()) {
            pooled.setSchema("shop");
            assertThatThrownBy(() -> update(pooled)).hasMessageContaining("uses schema shop");
            assertThat(pooled.getSchema()).isEqualTo("shop");
        }

        assertThat(tables()).containsExactly("shop.crates", "shop.databasechangelog");
    }

    @Test
    void the_path_of_a_role_is_not_meant() throws Exception {
        changelog.of(TABLE);
        database.execute("alter database %s set search_path = shop, public".formatted(database.name()));
        database.letGo();

        changelog.run("update", Map.of());
        try (Connection pooled = database.connect()) {
            update(pooled);
            assertThat(pooled.getSchema()).isEqualTo("shop");
        }

        assertThat(tables()).containsExactly("public.crates", "public.databasechangelog");
    }

    @Test
    void a_changelog_may_belong_in_another_schema() throws Exception {
        changelog.foreign("- property:\n    name: supportdb.schema\n    value: shop\n" + TABLE);

        changelog.run("update", Map.of());
        in("shop").run("update", Map.of());

        assertThat(tables()).containsExactly("shop.crates", "shop.databasechangelog");
        TargetDatabase target = new TargetDatabase(database.url(), database.username(), database.password(),
                TinyChangelog.FILE, "test", null, Map.of());
        try (Database outsideOfCommands = LiquibaseRunner.open(target, folder)) {
            assertThat(outsideOfCommands.getDefaultSchemaName()).isEqualTo("shop");
            assertThat(outsideOfCommands.getRanChangeSetList()).hasSize(1);
        }
        assertThatThrownBy(() -> in("public").run("update", Map.of())).hasMessageContaining("belongs in shop");
        assertThat(changelog.run("updateSql", Map.of())).contains("set search_path = 'shop';");
    }

    @Test
    void a_schema_that_is_not_there_or_that_the_role_may_not_use_is_named() throws Exception {
        changelog.foreign("- property: {name: supportdb.schema, value: shop}\n" + TABLE);
        try (TestRole role = TestRole.in(database, "stranger")) {
            TinyChangelog theirs = new TinyChangelog(folder, role.database());
            assertThatThrownBy(() -> theirs.run("update", Map.of()))
                    .hasMessageContaining("grant usage, create on schema shop to " + role.name());
            changelog.run("update", Map.of());
            for (String command : List.of("status", "updateSql")) {
                assertThatThrownBy(() -> theirs.run(command, Map.of())).as(command).hasMessageContaining(
                        "  grant usage on schema shop to %1$s;\n  grant select on shop.databasechangelog to %1$s;"
                                .formatted(role.name()));
            }
            assertThat(theirs.run("listLocks", Map.of())).contains("No locks");
        }
        database.execute("drop schema shop cascade");
        for (String command : List.of("status", "update")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of()))
                    .hasMessageContaining("create schema shop authorization " + database.username());
        }
    }

    @Test
    void a_command_without_a_changelog_works_where_the_history_is() throws Exception {
        database.execute("create schema \"Our Shop\"");
        database.execute("alter database %s set search_path = 'Our Shop', public".formatted(database.name()));
        database.letGo();
        changelog.foreign(TABLE).run("update", Map.of());

        changelog.run("tag", Map.of("tag", "here"));

        assertThat(database.text("select tag from \"Our Shop\".databasechangelog")).isEqualTo("here");
        assertThat(tables()).isEmpty();
    }

    /** Tries each way to open a connection; a run of stock Liquibase continues a run of the jar, and the reverse. */
    @ParameterizedTest
    @ValueSource(strings = {"url", "role", "pool"})
    void a_foreign_changelog_is_left_where_it_is(String named) throws Exception {
        String more = changeSet("2", "", "create table lids (id int)", "drop table lids");
        changelog.foreign(TABLE);
        TinyChangelog inShop = named.equals("url") ? in("shop") : changelog;
        if (named.equals("role")) {
            database.execute("alter database %s set search_path = shop".formatted(database.name()));
            database.letGo();
        }
        try (Connection pooled = database.connect()) {
            if (named.equals("pool")) {
                pooled.setSchema("shop");
                update(pooled);
            } else {
                inShop.run("update", Map.of());
                changelog.foreign(TABLE + more);
                inShop.runStock("update", Map.of());
                inShop.run("rollbackCount", Map.of("count", 1));
                inShop.run("tag", Map.of("tag", "here"));
            }
        }

        assertThat(tables()).containsExactly("shop.crates", "shop.databasechangelog");
    }

    @Test
    void a_foreign_changelog_has_none_of_the_settings() throws Exception {
        String note = "insert into seen select name, setting from pg_settings where source = 'session' "
                + "and name !~ '^tcp_keepalives|^client_connection_check|^search_path'";
        changelog.foreign(changeSet("1", "", "create table seen (name text, setting text);" + note, null)
                + changeSet("2", "runInTransaction: false", "set work_mem = '9MB'", null)
                + changeSet("3", "", "create index concurrently_named on seen (name);" + note, null));

        changelog.run("update", "no-such-label or not no-such", Map.of());

        assertThat(database.texts("select distinct name from seen order by 1"))
                .as("but those of Liquibase itself").containsExactly("work_mem");
        assertThat(database.text("select relreplident from pg_class where relname = 'databasechangelog'"))
                .isEqualTo("d");
    }

    private void update(Connection connection) throws Exception {
        @SuppressWarnings("resource")
        Liquibase liquibase =
                new Liquibase("tiny.yaml", new DirectoryResourceAccessor(folder), new JdbcConnection(connection));
        liquibase.update(new Contexts(), new LabelExpression());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "  - property: {name: supportdb.schema, value: shop}",
        "  - property: {name: \"supportdb.schema\", value: 'shop', labels: main} # where",
        "  - property:\n      name: supportdb.schema\n      value: shop\n",
        "<property name=\"supportdb.schema\" value=\"shop\"/>",
        "{\"property\": {\"name\": \"supportdb.schema\", \"value\": \"shop\"}}",
    })
    void the_schema_is_read_from_a_changelog_in_every_format(String text) throws Exception {
        assertThat(read(text)).contains("shop");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "  # - property: {name: supportdb.schema, value: shop}",
        "  - property: {name: other, value: shop} # not supportdb.schema, value: x",
        "<!-- <property name=\"supportdb.schema\"\n value=\"shop\"/> -->",
        "",
    })
    void a_comment_does_not_say_it(String text) throws Exception {
        assertThat(read(text)).isEmpty();
    }

    @Test
    void a_schema_that_cannot_be_read_is_refused() {
        assertThatThrownBy(() -> read("- property: {value: shop, name: supportdb.schema}"))
                .isInstanceOf(DatabaseException.class).hasMessageContaining("cannot be read");
        for (String name : List.of("\"\"", "Shop", "our-shop")) {
            assertThatThrownBy(() -> read("- property: {name: supportdb.schema, value: %s}".formatted(name))).as(name)
                    .isInstanceOf(DatabaseException.class);
        }
    }

    private Optional<String> read(String text) throws Exception {
        Files.writeString(folder.resolve("root.yaml"), text);
        return Scope.child(Map.of("resourceAccessor", new DirectoryResourceAccessor(folder)),
                () -> ChangelogSchema.of("root.yaml"));
    }
}
