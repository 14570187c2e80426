package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.lint.Finding;
import dev.supportdb.lint.Linter;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.ChangelogFolder;
import dev.supportdb.support.Databases;
import dev.supportdb.support.DocumentationPage;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** A feature from its beginning, as a person does it, in a copy of the project in a folder with spaces. */
final class RevisionCommandTest {

    private static final MigrationState HEAD = MigrationState.head();

    @TempDir
    private Path folder;
    private Path project;

    @BeforeEach
    void create() throws IOException {
        project = Files.createDirectory(folder.resolve("our support db"));
    }

    @Test
    void from_a_message_to_a_feature_that_goes_forward_and_back() throws Exception {
        copyProject();

        CommandRun run = CommandRun.in(project, "revision", "Add the ticket's language!", "--ticket=SUP-12");

        String file = "changelog/main/029_add_the_ticket_s_language.yaml";
        assertThat(run).isEqualTo(new CommandRun(0, """
                Written   %s, included in changelog/db.changelog-master.yaml
                Next      write its changes and their rollbacks there; until then an upgrade refuses
                          ./supportdb lint
                          ./supportdb sql
                          ./supportdb upgrade
                          ./supportdb rollback-check
                """.formatted(file)));
        assertThat(Files.readString(project.resolve(file)))
                .startsWith("# Add the ticket's language!\n# Ticket: SUP-12\n");
        assertThat(findings(file)).as("what is still to be written").extracting(Finding::message)
                .map(message -> message.replaceFirst("This is still the template's ", ""))
                .containsExactly("id.", "comment.", "changes.", "rollback.");
        try (TestDatabase database = Databases.at(HEAD)) {
            LiquibaseRunner migration = migration(HEAD.of(database));
            Snapshot before = database.snapshot();
            assertThatThrownBy(migration::update).hasMessageContaining("nothing has been changed.\n- " + file
                    + "::029_add_the_ticket_s_language-02-describe_it::support-db: "
                    + "029_add_the_ticket_s_language is still to be written");
            assertThat(before.differenceTo(database.snapshot())).isEmpty();
            assertThat(database.count("select count(*) from databasechangelog where id like '029%'")).isZero();

            write(file, """
                        - sql: alter table tickets add column language varchar(10)
                      rollback:
                        - refuse: {loses: tickets.language, rows: select * from tickets where language is not null}
                        - dropColumn: {tableName: tickets, columnName: language}
                """);
            assertThat(findings(file)).isEmpty();
            migration.update();
            Snapshot after = database.snapshot();
            assertThat(after.differenceTo(before)).contains("tickets.language");
            migration.rollbackTo("before-029_add_the_ticket_s_language");
            assertThat(before.differenceTo(database.snapshot())).isEmpty();
            migration.update();
            assertThat(after.differenceTo(database.snapshot())).isEmpty();
        }
    }

    @Test
    void a_new_branch_that_depends_on_another() throws Exception {
        copyProject();

        CommandRun run = CommandRun.in(
                project, "revision", "-m", "invoices", "--branch=billing", "--depends=main/008_audit_log");

        String file = "changelog/billing/029_invoices.yaml";
        assertThat(run.output()).startsWith("Written   " + file).contains(
                "Branch    billing is new", "Needs     008_audit_log-04-create_append_only_trigger\n").doesNotContain("Note");
        assertThat(CommandRun.in(project, "branches").output())
                .containsPattern("billing +1 +029_invoices +main\n");
        write(file, """
                    - sql: create table invoices (id integer primary key)
                  rollback:
                    - refuse: {loses: invoices, rows: select * from invoices}
                    - sql: drop table invoices
            """);
        assertThat(findings(file)).isEmpty();
        try (TestDatabase database = Databases.empty()) {
            assertThatThrownBy(() -> migration(HEAD.labelled("@billing").of(database)).update()).hasMessageContaining(
                    "billing needs 008_audit_log of main: run with labels 'main or billing'");
        }
        try (TestDatabase database = Databases.at(HEAD)) {
            Snapshot before = database.snapshot();
            LiquibaseRunner migration = migration(HEAD.of(database));
            migration.update();
            assertThat(database.count("select count(*) from invoices")).isZero();
            migration.rollbackTo("before-029_invoices");
            assertThat(before.differenceTo(database.snapshot())).isEmpty();
        }
    }

    @Test
    void a_merge_waits_for_its_branches() throws Exception {
        ChangelogFolder files = new ChangelogFolder(project).feature("main/001_a").feature("reporting/002_b");
        Files.copy(Path.of("changelog/template.yaml"), project.resolve("changelog/template.yaml"));
        files.write("contexts/dev.properties", """
                changeLogFile=%s
                url=jdbc:postgresql://127.0.0.1:1/none
                contexts=dev
                """.formatted(ChangelogFolder.MASTER));

        CommandRun run = CommandRun.in(
                project, "merge", "--message=merge reporting", "main", "reporting", "--json");

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(new Yaml().<Map<String, Object>>load(run.output()))
                .containsEntry("path", "changelog/main/003_merge_reporting.yaml")
                .containsEntry("needs", List.of("001_a-02-create_a", "002_b-02-create_b"));
        try (TestDatabase database = Databases.empty()) {
            TargetDatabase all = new TargetDatabase(database.url(), database.username(), database.password(),
                    ChangelogFolder.MASTER, "test", null, Map.of());
            migration(all.withLabels("main")).update();
            Snapshot before = database.snapshot();
            assertThat(database.texts("select id from databasechangelog where id like '003%'")).isEmpty();
            assertThatThrownBy(() -> migration(all).update()).hasMessageContaining("is still to be written");
            assertThat(before.differenceTo(database.snapshot())).isEmpty();
            write("changelog/main/003_merge_reporting.yaml", """
                        - sql: create view both_of_them as select id from a union all select id from b
                      rollback:
                        - sql: drop view both_of_them
                """);
            migration(all).update();
            assertThat(database.count("select count(*) from both_of_them")).isZero();
            migration(all).rollbackTo("before-003_merge_reporting");
            assertThat(database.text("select to_regclass('both_of_them')")).isNull();
            migration(all).rollback(4);
            migration(all.withLabels("main")).update();
            assertThat(before.differenceTo(database.snapshot())).isEmpty();
        }
    }

    @Test
    void two_took_the_same_number() throws Exception {
        copyProject();
        assertThat(CommandRun.in(project, "revision", "-m", "mine").exitCode()).isZero();
        Files.writeString(project.resolve("changelog/crm/029_theirs.yaml"), "");
        String master = Files.readString(project.resolve("changelog/db.changelog-master.yaml"));

        CommandRun run = CommandRun.in(project, "revision", "-m", "next");

        assertThat(run.output()).startsWith("The number 029 is used by several files:\n")
                .contains("changelog/crm/029_theirs.yaml\n", "changelog/main/029_mine.yaml\n", "its number to 030")
                .doesNotContain("\tat ");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(project.resolve("changelog/db.changelog-master.yaml")).hasContent(master);
    }

    @Test
    void the_second_database_has_numbers_of_its_own() throws Exception {
        copyProject();

        assertThat(CommandRun.in(project, "revision", "--env=analytics", "-m", "weekly metrics").output())
                .contains("Written   changelog/analytics/003_weekly_metrics.yaml, included in "
                        + "changelog/analytics.changelog-master.yaml\n", "./supportdb upgrade --env=analytics");
        assertThat(findings("changelog/analytics.changelog-master.yaml")).isEmpty();
    }

    /** A misuse is a feature without a name, a dependency that does not exist, or a merge of one branch. */
    @Test
    void a_misuse_writes_nothing() throws Exception {
        for (List<String> wrong : List.of(List.of("revision", "Describe the feature in a few words"),
                List.of("revision --message=x --depends=008_audt_log", "Nearest: main/008_audit_log."),
                List.of("merge --message=x heads", "A merge needs two branches or more, by name: ./supportdb merge "),
                List.of("merge --message=x main", "A merge needs two branches or more"))) {
            CommandRun run = CommandRun.offline(wrong.get(0).split(" "));
            assertThat(run.output()).contains(wrong.get(1)).doesNotContain("\tat ");
            assertThat(run.exitCode()).isEqualTo(2);
        }
        try (Stream<Path> files = Files.list(Path.of("changelog/main"))) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().endsWith("_x.yaml"));
        }
    }

    /** Both have read the same master, and the same number was free. */
    @Test
    void two_revisions_at_once_do_not_overwrite_each_other() throws Exception {
        copyProject();
        Path master = project.resolve("changelog/db.changelog-master.yaml");
        List<String> before = Files.readAllLines(master);
        List<CompletableFuture<CommandRun>> runs = Stream.of("main", "crm").map(branch ->
                CompletableFuture.supplyAsync(() -> begin(branch))).toList();
        List<CommandRun> begun = runs.stream().map(CompletableFuture::join).filter(run -> run.exitCode() == 0).toList();

        List<String> added = new ArrayList<>(Files.readAllLines(master));
        added.removeAll(before);
        assertThat(added).hasSameSizeAs(begun).isNotEmpty();
        assertThat(CommandRun.in(project, "history", "--offline").output()).contains("029_");
        try (Stream<Path> files = Files.walk(project.resolve("changelog"))) {
            assertThat(files.filter(file -> file.getFileName().toString().matches("\\..*|0(29|30)_[^.]*\\.yaml")))
                    .hasSameSizeAs(begun);
        }
    }

    private CommandRun begin(String branch) {
        try {
            return CommandRun.in(project, "revision", "--message=begun by " + branch, "--branch=" + branch);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void copyProject() throws IOException {
        DocumentationPage.copyChangelogTo(project);
        try (Stream<Path> files = Files.list(Path.of("contexts"))) {
            Files.createDirectory(project.resolve("contexts"));
            for (Path file : files.toList()) {
                Files.copy(file, project.resolve(file));
            }
        }
    }

    /** Writes these changes in place of the template's last changeset. */
    private void write(String file, String changes) throws IOException {
        Path path = project.resolve(file);
        String text = Files.readString(path);
        String written = text.replaceFirst("(?s) +- refuse:.*", changes);
        assertThat(written).isNotEqualTo(text);
        Files.writeString(path, written.replace("-02-describe_it", "-02-do_it")
                .replace("comment: Say what it does", "comment: Do it"));
    }

    private List<Finding> findings(String file) throws IOException {
        return new Linter(project).findings().stream().filter(finding -> finding.file().equals(file)).toList();
    }

    private LiquibaseRunner migration(TargetDatabase target) {
        return new LiquibaseRunner(target, project, line -> { }, new DefaultChangeExecListener());
    }
}
