package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.embedded.EmbeddedPostgres;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.PsqlScript;
import dev.supportdb.support.ServerPlace;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A reader who tries a command of a page, and checks what it did. */
record PageReader(FreshClone project) {

    private static final Pattern WRITTEN = Pattern.compile("(?m)^Written +changelog/((\\w+)/\\d{3}_\\w+\\.yaml), included");
    private static final String MASTER = "changelog/db.changelog-master.yaml";
    private static final Map<MigrationState, Snapshot> SNAPSHOTS = new ConcurrentHashMap<>();

    /** Read when a test first asks for it, as its template is made. */
    static Snapshot snapshot(MigrationState state) throws Exception {
        if (!SNAPSHOTS.containsKey(state)) {
            try (TestDatabase database = Databases.at(state)) {
                SNAPSHOTS.put(state, database.snapshot());
            }
        }
        return SNAPSHOTS.get(state);
    }

    void leads(MigrationState from, String command, MigrationState to) throws Exception {
        leads(from, command, snapshot(to));
    }

    void leads(MigrationState from, String command, Snapshot to) throws Exception {
        try (TestDatabase database = Databases.at(from)) {
            done(command, database);
            assertThat(to.differenceTo(database.snapshot())).isEmpty();
        }
    }

    /** Asserts that a command adds whole features of these numbers, and no other. */
    void adds(MigrationState from, String command, String... numbers) throws Exception {
        try (TestDatabase database = Databases.at(from)) {
            List<String> before = features(database);
            done(command, database);
            assertThat(features(database)).containsAll(before).hasSize(before.size() + numbers.length)
                    .contains(numbers);
        }
    }

    private static List<String> features(TestDatabase database) throws SQLException {
        return database.texts("""
                select distinct split_part(id, '_', 1) from databasechangelog where id !~ '-01-tag_before'
                """);
    }

    void refuses(MigrationState state, String command, String... why) throws Exception {
        try (TestDatabase database = Databases.at(state)) {
            assertThat(failed(command, database)).contains(why);
            assertThat(snapshot(state).differenceTo(database.snapshot())).isEmpty();
        }
    }

    void says(MigrationState state, String command, String... what) throws Exception {
        try (TestDatabase database = Databases.at(state)) {
            String said = done(command, database);
            assertThat(what).allSatisfy(pattern -> assertThat(said).containsPattern(pattern));
        }
    }

    /** The SQL from one name to another is written where no database answers. */
    void scripts(MigrationState from, String command, Snapshot to) throws Exception {
        assumeThat(PsqlScript.isInstalled()).as("psql is on the PATH, to run the scripts with").isTrue();
        try (TestDatabase database = Databases.at(from)) {
            done(command, command.contains(":") ? null : database);
            assertThat(snapshot(from).differenceTo(database.snapshot())).isEmpty();
            PsqlScript.run(database, project.text("target/liquibase/migrate.sql"));
            assertThat(to.differenceTo(database.snapshot())).isEmpty();
        }
    }

    /** Follows the adoption of objects that another tool has created, and that Liquibase does not know. */
    void adopts(MigrationState state, String command, Predicate<String> claimed) throws Exception {
        try (TestDatabase database = Databases.at(state)) {
            String history = "select id || md5sum from databasechangelog order by orderexecuted";
            List<String> claims = database.texts(history).stream().filter(claimed).toList();
            database.execute("drop table databasechangelog");
            done(command, database);
            assertThat(database.texts(history)).isEqualTo(claims);
            assertThat(snapshot(state).differenceTo(database.snapshot())).isEmpty();
        }
    }

    /** Asserts that one change by hand is found, and no other. */
    void checks(MigrationState state, String command) throws Exception {
        try (TestDatabase database = Databases.at(state)) {
            database.execute("create index ix_by_hand on tickets (updated_at)");
            assertThat(failed(command, database))
                    .containsPattern("only in the database:\n  index public.ix_by_hand\n.*\nTo add it to the "
                            + "changelog:\n")
                    .contains("create index concurrently ix_by_hand on ", "JPA classes match the whole changelog");
        }
    }

    void lints(String command) throws Exception {
        project.replace("changelog/knowledge/026_articles.yaml", "comment: Create", "coment: Create");
        assertThat(failed(command, null)).contains("changelog/knowledge/026_articles.yaml:", "'coment'", "comment:")
                .doesNotContain("changelog/crm", "changelog/main");
    }

    /**
     * Checks the rollbacks of the first feature: for all of them it takes longer than a test may. Labels that are typed
     * must exist.
     */
    void checksRollbacks(String command) throws Exception {
        Files.writeString(project.file(MASTER), project.text(MASTER)
                .replaceAll("(?m)^  - include: (?!.*/(001_|027_|demo_)).*\n", ""));
        try (TestDatabase server = Databases.empty()) {
            assertThat(done(command, server)).contains("  empty    5 changesets, 0 wrong", "  demo     7 changesets, 0",
                    "  hostile  5 changesets, 0 wrong").endsWith("rollback check passed\n");
        }
    }

    /** Deletes its own server; the database of DATABASE_URL is another one. */
    void resets(MigrationState other, String command) throws Exception {
        Path folder = project.file(".postgres");
        EmbeddedPostgres server = new EmbeddedPostgres(folder, ServerPlace.freePort());
        server.start();
        try {
            leads(other, command, other);
            assertThat(folder).doesNotExist();
        } finally {
            server.reset();
        }
    }

    void writes(String command, String branch, String... lines) throws Exception {
        begins(done(command, null), branch, lines);
    }

    /** The models have what the changelog has no more, as if somebody had added it there. */
    void generates(String command, String branch, String... lines) throws Exception {
        project.replace(MASTER,
                "  - include: {file: crm/028_customer_score.yaml, relativeToChangelogFile: true, labels: crm}\n", "");
        project.delete("changelog/crm/028_customer_score.yaml");
        try (TestDatabase server = Databases.empty()) {
            begins(done(command, server), branch, lines);
        }
    }

    private void begins(String said, String branch, String... lines) throws Exception {
        Matcher written = WRITTEN.matcher(said);
        assertThat(written.find()).as(said).isTrue();
        assertThat(written.group(2)).isEqualTo(branch);
        assertThat(project.text("changelog/" + written.group(1))).contains(lines);
        assertThat(project.text(MASTER)).endsWith("  - include: {file: %s, relativeToChangelogFile: true, labels: %s}\n"
                .formatted(written.group(1), branch));
    }

    private String done(String command, TestDatabase database) throws Exception {
        CommandRun run = project.type(command, database);
        assertThat(run.exitCode()).as(run.output()).isZero();
        return run.output();
    }

    private String failed(String command, TestDatabase database) throws Exception {
        CommandRun run = project.type(command, database);
        assertThat(run.exitCode()).as(run.output()).isNotZero();
        return run.output();
    }
}
