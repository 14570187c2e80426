package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A database that another migration tool keeps is left alone until somebody takes it over. */
final class OtherToolCheckTest {

    private static final String FIRST = changeSet("first", "", "create table before_all (id int)", null);
    private static final String TABLE = """
            - changeSet:
                id: crates
                author: test
                changes:
                  - createTable:
                      tableName: crates
                      columns: [column: {name: id, type: int}]
            """;

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database).of(FIRST + TABLE);
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    private List<String> tables() throws Exception {
        return database.texts("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
                + " order by 1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            create table alembic_version (version_num varchar(32) not null)             | public.alembic_version
            create table "ALEMBIC_VERSION" ("VERSION_NUM" varchar(32) not null)         | public."ALEMBIC_VERSION"
            create schema other; create table other.alembic_version (version_num text)  | other.alembic_version
            """)
    void a_database_of_alembic_is_refused(String statements, String table) throws Exception {
        database.execute(statements + "; create table crates (id int)");
        database.execute("insert into %s values ('008_audit_log')".formatted(table));
        List<String> before = tables();

        for (String command : List.of("update", "updateCount", "updateSql", "changelogSync", "changelogSyncSql")) {
            assertThatThrownBy(() -> changelog.run(command, Map.of("count", 1))).as(command)
                    .isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessageStartingWith("Alembic migrates this database: %s is at 008_audit_log.".formatted(table))
                    .hasMessageContaining("the table public.crates").hasMessageContaining("Nothing has been changed.")
                    .hasMessageContaining("drop table %s;".formatted(table))
                    .hasMessageContaining("./supportdb stamp --force").hasMessageEndingWith("docs/from-alembic.md has more.");
        }
        assertThat(tables()).isEqualTo(before);

        database.execute("drop table " + table);
        changelog.run("changelogSync", Map.of());
        assertThat(changelog.run("status", Map.of())).contains("is up to date");
    }

    @Test
    void a_database_of_flyway_is_refused() throws Exception {
        database.execute("""
                create table crates (id int);
                create table flyway_schema_history (installed_rank int primary key, version varchar(50));
                insert into flyway_schema_history values (1, '15'), (2, '16')
                """);

        assertThatThrownBy(() -> changelog.run("update", Map.of()))
                .hasMessageStartingWith("Flyway migrates this database: public.flyway_schema_history is at 16.")
                .hasMessageEndingWith("docs/from-flyway.md has more.");
        assertThat(tables()).containsExactly("crates", "flyway_schema_history");
    }

    @Test
    void a_database_whose_version_this_role_may_not_read_is_refused_too() throws Exception {
        String role = database.name() + "_role";
        database.execute("""
                create table crates (id int); create table alembic_version as select '1' as version_num;
                create role %1$s login password 'role'; grant all on schema public to %1$s""".formatted(role));
        TinyChangelog byRole =
                new TinyChangelog(folder, new TestDatabase(database.name(), database.url(), role, "role"));
        try {
            assertThatThrownBy(() -> byRole.run("update", Map.of()))
                    .hasMessageContaining("public.alembic_version is at a version that this user may not read");
            assertThat(tables()).containsExactly("alembic_version", "crates");
        } finally {
            database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
        }
    }

    @Test
    void a_database_without_our_tables_or_with_our_history_is_accepted() throws Exception {
        database.execute("create table alembic_version (version_num text)");
        database.execute("insert into alembic_version values ('1')");
        changelog.run("update", Map.of());
        changelog.of(FIRST + TABLE + changeSet("more", "", "create table more (id int)", null)).run("update", Map.of());
        assertThat(tables()).containsExactly("alembic_version", "before_all", "crates", "databasechangelog",
                "databasechangeloglock", "more");
    }

    @Test
    void without_the_check_an_update_would_stop_half_way() throws Exception {
        database.execute("create table crates (id int); create table alembic_version (version_num text)");

        assertThatThrownBy(() -> changelog.run("update", Map.of())).as("alembic is at no version")
                .hasMessageContaining("relation \"crates\" already exists");
        assertThat(tables()).containsExactly("alembic_version", "before_all", "crates", "databasechangelog",
                "databasechangeloglock");
    }
}
