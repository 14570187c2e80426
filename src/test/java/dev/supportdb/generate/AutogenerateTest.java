package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.lint.Finding;
import dev.supportdb.lint.Linter;
import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.verify.ScratchDatabase;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JPA classes are changed as a person would; what is written for it is run, and taken back. */
final class AutogenerateTest {

    private static final String MASTER = "changelog/db.changelog-master.yaml";

    /**
     * The output of {@code ./supportdb autogenerate} for the unchanged classes; it builds what the other tests need.
     */
    private static String nothingToDo;
    private static String includes;

    @TempDir
    private Path folder;
    private ModelSources sources;
    private TestDatabase database;

    @BeforeAll
    static void autogenerate() throws IOException, InterruptedException, SQLException {
        assumeTrue(onPath("mvn"), "mvn is not on the PATH");
        includes = Files.readString(Path.of(MASTER));
        try (TestDatabase server = Databases.empty()) {
            ProcessBuilder launcher = new ProcessBuilder("./supportdb", "autogenerate", "it should not be needed")
                    .redirectErrorStream(true);
            launcher.environment().putAll(variables(server));
            launcher.environment().keySet().removeAll(List.of("MAKEFLAGS", "MAKELEVEL", "MFLAGS"));
            Process process = launcher.start();
            nothingToDo = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(nothingToDo).isZero();
        }
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
    }

    @BeforeEach
    void create() throws IOException, SQLException, CommandExecutionException {
        sources = new ModelSources(folder.resolve("models"));
        database = Databases.at(MigrationState.head());
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void models_and_changelog_agree() throws IOException {
        assertThat(nothingToDo).endsWith("The models and the changelog agree: nothing to do\n");
        assertThat(Files.readString(Path.of(MASTER))).isEqualTo(includes);
    }

    @Test
    void a_field_a_table_an_index_and_a_relation_go_in_and_out() throws IOException, SQLException, LiquibaseException {
        sources.edit("Ticket", "    private String subject;", """
                    private String subject;

                    @Column(length = 10, comment = "ISO 639 code: \\"de\\", not 'German'")
                    @ColumnDefault("'en'")
                    private String language;

                    @Column(nullable = false)
                    @ColumnDefault("false")
                    private Boolean spam;

                    @Column(nullable = false)
                    private Long weight;

                    @ManyToOne
                    private Escalation escalation;
                """).edit("Ticket", "@Index(name = \"ix_tickets_status\"",
                "@Index(columnList = \"language, created_at desc\"),\n@Index(name = \"ix_tickets_status\"")
                .edit("Tag", "length = 100", "length = 200, comment = \"What it says\"")
                .edit("Ticket", "length = 50)\n    @ColumnDefault(\"'OPEN'\")", "length = 80)\n    @ColumnDefault(\"'OPEN'\")")
                .edit("User", "@Column(nullable = false, length = 200)", "@Column(length = 200)")
                .edit("User", "@ColumnDefault(\"'agent'\")", "@ColumnDefault(\"'admin'\")")
                .edit("TicketTag", "uniqueConstraints = @", """
                        uniqueConstraints = {
                            @UniqueConstraint(name = "uq_at", columnNames = {"tag_id", "created_at"}), @""")
                .edit("TicketTag", "\"tag_id\"}),", "\"tag_id\"})},")
                .add("Level", "enum Level { low, high }")
                .add("Escalation", """
                        @Entity
                        @Table(name = "escalations", comment = "Who was called when",
                            indexes = @Index(columnList = "level"))
                        class Escalation {
                            @Id @GeneratedValue(strategy = GenerationType.IDENTITY) Long id;
                            @ManyToOne @OnDelete Ticket ticket;
                            @Column(nullable = false) Level level;
                            @Column(columnDefinition = "text", unique = true) String note;
                            @Column(name = "\\"order\\"", nullable = false, comment = "Who is first") int order;
                            String[] calls;
                            @Column(columnDefinition = "bit(3)") String flags;
                        }
                        """)
                .edit("Escalation", "@OnDelete", "@org.hibernate.annotations.OnDelete("
                        + "action = org.hibernate.annotations.OnDeleteAction.CASCADE)")
                .edit("Escalation", "Level level", "@org.hibernate.annotations.JdbcTypeCode("
                        + "org.hibernate.type.SqlTypes.NAMED_ORDINAL_ENUM) Level level");
        JpaModels models = sources.models();
        SchemaFingerprint before = fingerprint();
        ModelChangesets proposal = check(models).proposal();
        FeatureScaffold.Begun feature = write(proposal, "add tags");

        assertThat(text(feature)).contains("comment: Add tickets.language", "create index concurrently",
                "foreign key (escalation_id) references escalations (id) not valid", "remarks: Who was called when",
                "comment on column tags.name is 'What it says'", "drop trigger forget_ticket_status_original on tickets",
                "remarks: \"ISO 639 code: \\\"de\\\", not 'German'\"", "    labels: contract\n");
        assertThat(proposal.warnings())
                .anyMatch(said -> said.startsWith("every existing row gets tickets.spam = false"))
                .anyMatch(said -> said.startsWith("an application that does not write tickets.weight fails"))
                .anyMatch(said -> said.startsWith("no index of tickets begins with escalation_id"))
                .anyMatch(said -> said.contains("TODO"))
                .allMatch(said -> said.contains("TODO") || text(feature).replaceAll("\\n +#", "").contains(said));
        assertThat(findings(feature)).as("what only a person knows, and an index it has warned of")
                .extracting(Finding::rule).containsOnly("remarks", "old-shape", "foreign-key-index");

        migration().update();
        assertThat(check(models).differences()).isEmpty();

        migration().rollback(ran());
        assertThat(Difference.between(before, fingerprint())).hasToString("no difference");
    }

    @Test
    void a_change_that_drops_something_waits_for_a_person() throws IOException, SQLException, LiquibaseException {
        sources.edit("User", "Boolean isActive", "Boolean enabled")
                .edit("Ticket", "@Index(name = \"ix_tickets_status\", columnList = \"status\"),", "")
                .edit("TicketStatusChange", "CASCADE", "RESTRICT")
                .edit("TicketSubcategory", "Integer slaHours", "Long slaHours")
                .delete("Report").delete("ScheduledReport");
        JpaModels models = sources.models();
        SchemaFingerprint before = fingerprint();
        ModelChangesets proposal = check(models).proposal();
        FeatureScaffold.Begun feature = write(proposal, "rename");

        assertThat(proposal.warnings()).anyMatch(said -> said.startsWith("if users.enabled is is_active renamed"))
                .anyMatch(said -> said.startsWith("no model has users.is_active any more"))
                .anyMatch(said -> said.startsWith("no model has table reports any more"))
                .anyMatch(said -> said.startsWith("ticket_categories.sla_hours has rows of type integer"));
        assertThat(Changelog.read(folder, MASTER, Map.of()).features()).last()
                .extracting(last -> last.changeSets().stream().map(ChangeSet::getId).toList())
                .isEqualTo(List.of("029_rename-01-tag_before", "029_rename-03-add_enabled"));

        uncomment(feature);
        assertThat(findings(feature)).as("what only a person knows").extracting(Finding::rule)
                .containsOnly("remarks", "old-shape");
        migration().update();
        assertThat(check(models).differences()).containsExactly("table constraint fk_ticket_status_changes_ticket_id "
                + "on ticket_status_changes: only in the models: FOREIGN KEY (ticket_id) REFERENCES public.tickets(id) "
                + "ON DELETE RESTRICT");
        migration().rollback(ran());
        assertThat(Difference.between(before, fingerprint())).hasToString("no difference");
    }

    /** Drafts that name what a person must write pass, too; they cannot run. */
    @Test
    void every_draft_passes_lint_once_it_is_uncommented() throws IOException, SQLException, LiquibaseException {
        sources.edit("TicketSubcategory", "Integer slaHours", "@ColumnDefault(\"7\") Long slaHours")
                .edit("Ticket", "length = 1000", "length = 300")
                .edit("TicketTag", "    uniqueConstraints", "//")
                .edit("TicketCategory", "billing, technical, feature_request", "technical, billing")
                .edit("CustomerContact", "@Index(name = \"ix_contacts_type\", columnList = \"contact_type\")",
                        "@Index(name = \"ix_contacts_type\", columnList = \"contact_type, id\")")
                .edit("Tag", "    @GeneratedValue(strategy = GenerationType.IDENTITY)\n", "")
                .delete("KnowledgeBaseArticle");
        FeatureScaffold.Begun feature = write(check(sources.models()).proposal(), "every draft");

        uncomment(feature);
        assertThat(text(feature)).contains("changeLogFile: changelog/knowledge/026_articles.yaml", "TODO",
                "set default 7", "type varchar(300)", "number_id", "index concurrently ix_contacts_type");
        assertThat(findings(feature)).as("what only a person knows").extracting(Finding::rule)
                .containsExactly("old-shape");
    }

    private void uncomment(FeatureScaffold.Begun feature) throws IOException {
        Files.writeString(folder.resolve(feature.path()),
                text(feature).replaceAll("(?m)^  # ((?:- changeSet| ).*)$", "  $1"));
    }

    private List<Finding> findings(FeatureScaffold.Begun feature) throws IOException {
        return new Linter(folder).findings().stream().filter(found -> found.file().contains(feature.name())).toList();
    }

    @Test
    void only_differences_that_jpa_can_express_count() throws Exception {
        JpaModels models = sources.models();
        database.execute("""
                drop index idx_active_tickets, idx_messages_metadata;
                create index ix_by_hand on users (lower(email));
                alter table tickets drop constraint ck_tickets_status_valid;
                drop trigger ticket_changes_trigger on tickets;
                comment on column users.email is 'by \\ hand';
                create view by_hand as select 1;
                alter table backfills add column by_hand int;
                """);
        assertThat(check(models).differences()).isEmpty();

        database.execute("""
                alter table tickets alter total_comments type bigint, alter sla_violated drop default,
                    drop constraint tickets_customer_id_fkey,
                    add constraint tickets_customer_id_fkey foreign key (customer_id) references customers;
                alter table users alter full_name drop not null;
                create index ix_by_hand_too on users (full_name);
                create table by_hand_too ();
                alter type ticket_category_enum add value 'spam' before 'technical';
                """);
        assertThat(check(models).differences()).map(line -> line.replaceFirst(": .*", "")).containsExactly(
                "index ix_by_hand_too", "table column tickets.sla_violated", "table column tickets.total_comments",
                "table column users.full_name", "table constraint tickets_customer_id_fkey on tickets",
                "table by_hand_too", "type ticket_category_enum");
    }

    @Test
    void a_column_with_a_word_of_sql_for_a_name_is_named() throws IOException, InterruptedException, SQLException {
        sources.edit("Tag", "length = 100", "name = \"order\", length = 100");
        String classpath = "target/classes" + File.pathSeparator + sources.compiled();
        String named = """
                Cannot create the tables of the JPA classes. class Tag, table tags, column order: syntax error at or \
                near "order"
                If order is a reserved word of SQL, quote it, @Column(name = "\\"order\\""), or choose another name.
                The statement is: create table tags (""";

        assertThat(run(classpath, "check", 2))
                .containsSubsequence("The database matches its changelog", named);
        assertThat(run(classpath, "autogenerate -m order", 2)).contains(named);
        assertThat(Files.readString(Path.of(MASTER))).isEqualTo(includes);
    }

    private String run(String classpath, String words, int exitCode)
            throws IOException, InterruptedException, SQLException {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow(),
                "-cp", classpath, "dev.supportdb.cli.Main"));
        command.addAll(List.of(words.split(" ")));
        // No changeset has both labels, so that nothing needs to be migrated before the models fail.
        command.add("--labels=backfill and contract");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        try (TestDatabase empty = Databases.empty()) {
            builder.environment().putAll(variables(empty));
            Process process = builder.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isEqualTo(exitCode);
            return said;
        }
    }

    private static Map<String, String> variables(TestDatabase server) {
        return Map.of("DATABASE_URL", server.url(), "DB_USERNAME", server.username(),
                "DB_PASSWORD", server.password());
    }

    /** The database stands for a fresh one: it was built by the changelog alone. */
    private JpaModelsCheck check(JpaModels models) throws SQLException, CommandExecutionException {
        return JpaModelsCheck.of(models, fingerprint(), ScratchDatabase.on(MigrationState.head().of(database)));
    }

    private SchemaFingerprint fingerprint() throws SQLException {
        try (Connection connection = database.connect()) {
            return SchemaFingerprint.of(connection);
        }
    }

    /** Writes the feature into a copy of the changelog. */
    private FeatureScaffold.Begun write(ModelChangesets proposal, String message)
            throws IOException, LiquibaseException {
        Path changelog = Path.of("changelog");
        try (Stream<Path> files = Files.walk(changelog)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.createDirectories(folder.resolve(file).getParent());
                Files.copy(file, folder.resolve(file));
            }
        }
        FeatureScaffold scaffold = new FeatureScaffold(folder, MASTER, Map.of());
        BranchChooser home = new BranchChooser(Changelog.read(folder, MASTER, Map.of()), proposal.touched());
        FeatureScaffold.Begun begun = scaffold.begin(home.branch(), message);
        FeatureScaffold.Begun feature = home.condition(begun.branch()).map(begun::on).orElse(begun);
        scaffold.write(feature, null, proposal.text(feature, scaffold.changelog()));
        return feature;
    }

    private String text(FeatureScaffold.Begun feature) {
        try {
            return Files.readString(folder.resolve(feature.path()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LiquibaseRunner migration() {
        return new LiquibaseRunner(MigrationState.head().of(database), folder, line -> { },
                new DefaultChangeExecListener());
    }

    /** Returns how many changesets of the new feature have run, except the tag. */
    private int ran() throws SQLException {
        return (int) database.count("""
                select count(*) from databasechangelog where id like '029%' and id not like '%tag_before'
                """);
    }
}
