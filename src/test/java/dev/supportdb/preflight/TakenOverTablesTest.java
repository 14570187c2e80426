package dev.supportdb.preflight;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A table that PostgreSQL does not keep itself is named before a run. The tables in which Citus and TimescaleDB keep
 * theirs are made up here: neither can be installed beside the embedded server.
 */
final class TakenOverTablesTest {

    private static final String CRATES =
            changeSet("crates", "", "create table crates (id int); create table boxes (id int)", "drop table crates");
    private static final String MORE = changeSet("more", "", "alter table crates add n int",
            "alter table crates drop n");

    @TempDir
    private Path folder;

    private TestDatabase database;
    private TinyChangelog changelog;

    @BeforeEach
    void create() throws Exception {
        database = Databases.empty();
        changelog = new TinyChangelog(folder, database).of(CRATES);
        changelog.run("update", Map.of());
        changelog.of(CRATES + MORE);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', value = {
        "create access method columnar type table handler heap_tableam_handler; drop table crates; "
            + "create table crates (id int) using columnar"
            + "| its access method is columnar | alter table public.crates set access method heap;",
        "set allow_system_table_mods = on; create table pg_catalog.pg_dist_partition (logicalrelid regclass); "
            + "insert into pg_dist_partition values ('crates')"
            + "| Citus has it in pg_dist_partition | select undistribute_table('public.crates');",
        "create schema _timescaledb_catalog; "
            + "create table _timescaledb_catalog.hypertable (schema_name name, table_name name); "
            + "insert into _timescaledb_catalog.hypertable values ('public', 'crates')"
            + "| it is a hypertable of TimescaleDB | gets the name public.crates",
        "drop table crates; create foreign data wrapper w; create server s foreign data wrapper w; "
            + "create foreign table crates (id int) server s | it is a foreign table | run this on the server"})
    void a_table_that_an_extension_stores_is_named_before_anything_is_changed(String taken, String way,
            String back) throws Exception {
        database.execute(taken);
        for (String command : new String[] {"update", "updateSql", "rollbackCount"}) {
            assertThatThrownBy(() -> changelog.run(command, Map.of("count", 1))).as(command)
                    .isInstanceOf(CommandExecutionException.class).hasNoCause()
                    .hasMessageContaining("- public.crates: " + way).hasMessageContaining(back)
                    .hasMessageContaining("Nothing has been changed").message().doesNotContain("boxes");
        }
        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(1);
    }

    @Test
    void the_statement_for_another_access_method_makes_it_a_table_that_a_run_changes() throws Exception {
        database.execute("create access method columnar type table handler heap_tableam_handler; "
                + "create table other (id int) using columnar; alter table crates set access method columnar");
        assertThatThrownBy(() -> changelog.run("update", Map.of())).hasMessageContaining("public.crates");

        database.execute("alter table public.crates set access method heap");
        changelog.run("update", Map.of());

        assertThat(database.count("select count(*) from databasechangelog")).isEqualTo(2);
    }
}
