package dev.supportdb.guest;

import static dev.supportdb.support.TinyChangelog.changeSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TinyChangelog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application with the jar on its class path, with the jar turned off, and after the jar has been taken away. */
final class GuestTest {

    private static final String SETTINGS = """
            create table seen as
            select 'settings ' || coalesce(string_agg(name || '=' || setting, ' ' order by name), '') as fact
            from pg_settings where source = 'session';
            insert into seen select 'advisory locks ' || count(*) from pg_locks
                where locktype = 'advisory' and pid = pg_backend_pid();
            """;

    @TempDir
    private Path folder;

    private TestDatabase database;

    @BeforeEach
    void makeDatabase() throws Exception {
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    @Test
    void with_the_setting_off_a_run_is_one_of_liquibase_alone() throws Exception {
        List<String> stock = run(false, Map.of());

        assertThat(run(true, Map.of("JAVA_TOOL_OPTIONS", "-Dsupportdb.enabled=false"))).isEqualTo(stock);
        assertThat(run(true, Map.of("SUPPORTDB_ENABLED", "false"))).isEqualTo(stock);
        assertThat(run(true, Map.of())).as("with the setting on each of it differs").hasSameSizeAs(stock)
                .doesNotContainAnyElementsOf(stock);
    }

    /** What an update was like, on a database of its own. */
    private List<String> run(boolean withJar, Map<String, String> variables) throws Exception {
        try (TestDatabase own = Databases.empty()) {
            new TinyChangelog(folder, own).of(changeSet("1", "", SETTINGS, null));
            start(withJar, own, variables, folder, "tiny.yaml", "");
            List<String> seen = new ArrayList<>(own.texts("select fact from seen"));
            seen.add("replica identity " + own.text(
                    "select relreplident from pg_class where oid = 'databasechangelog'::regclass"));
            seen.add("one commit " + own.text("""
                    select seen.xmin = ran.xmin from seen, databasechangelog ran limit 1"""));
            return seen;
        }
    }

    @Test
    void without_the_jar_liquibase_continues_with_the_same_history() throws Exception {
        Path resources = GuestProject.FOLDER.resolve("resources");
        start(true, database, Map.of(), resources, "db/changelog/db.changelog-master.yaml", "");
        List<String> history = database.texts("select id || md5sum from databasechangelog order by orderexecuted");
        assertThat(database.count("select count(*) from orders where total = 6")).isEqualTo(1000);

        database.execute(GuestPage.afterLeaving());
        start(false, database, Map.of(), resources, "db/changelog/after-leaving.yaml", "");
        assertThat(database.texts("select id || md5sum from databasechangelog order by orderexecuted"))
                .startsWith(history.toArray(String[]::new)).hasSize(history.size() + 1);
        start(false, database, Map.of(), resources, "db/changelog/after-leaving.yaml", "1");

        assertThat(database.texts("select id || md5sum from databasechangelog order by orderexecuted"))
                .isEqualTo(history);
        assertThat(database.texts("select relname from pg_class where relnamespace = 'public'::regnamespace "
                + "and relkind = 'r' union all select proname from pg_proc "
                + "where pronamespace = 'public'::regnamespace order by 1"))
                .containsExactly("databasechangelog", "databasechangeloglock", "order_lines", "orders");
    }

    private static void start(boolean withJar, TestDatabase database, Map<String, String> variables, Path folder,
            String changelog, String word) throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(variables);
        all.put("PASSWORD", database.password());
        List<String> libraries = GuestProcess.libraries();
        GuestProcess.java(withJar ? GuestProcess.withJar(libraries) : libraries, all,
                List.of(RunLiquibase.class.getName(), folder.toString(), changelog, database.url(),
                        database.username(), word)).done();
    }
}
