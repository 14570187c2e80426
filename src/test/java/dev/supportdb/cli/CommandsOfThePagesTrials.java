package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.schema.Snapshot;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each command of the pages for people who come from another tool does what they say. It is typed as a reader types it:
 * in a clone of the project whose folder is hard to quote, with the environment dev and its demo data.
 */
final class CommandsOfThePagesTrials {

    private static final int TICKETS = 50;

    private static final MigrationState AT_BASE = before("000_backfill_tables");
    private static final MigrationState AT_003 = before("004_satisfaction_surveys");
    private static final MigrationState AT_008 = before("009_reports");
    private static final MigrationState AT_015 = before("016_ticket_metrics");
    private static final MigrationState AT_016 = before("017_ticket_categories");
    private static final MigrationState MAIN_AT_016 = AT_016.labelled("main");
    private static final MigrationState AT_017 = before("018_customer_contacts");
    private static final MigrationState AT_026 = before("028_customer_score");
    private static final MigrationState HEAD = MigrationState.head().withTickets(TICKETS);

    /** Two at a time, which is quicker, and each of them in a process: in this one they only wait. */
    private static final int AT_ONCE = 2;
    private static final ExecutorService THREADS = Executors.newFixedThreadPool(AT_ONCE);
    private static final BlockingQueue<PageReader> READERS = new LinkedBlockingQueue<>();
    private static final Map<String, Future<?>> RUNS = new HashMap<>();

    private static Snapshot headWithoutItsLast;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void type_them_all() throws Exception {
        assumeThat(FreshClone.isPossible()).as("make and mvn are on the PATH").isTrue();
        try (TestDatabase database = Databases.at(HEAD)) {
            new LiquibaseRunner(HEAD.of(database)).rollback(1);
            headWithoutItsLast = database.snapshot();
        }
        // If the tests run as root, the embedded server runs as another user, who has to enter the folder.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (int i = 0; i < AT_ONCE; i++) {
            Path parent = Files.createDirectory(folder.resolve("colleague " + i));
            READERS.add(new PageReader(FreshClone.in(parent.resolve("it's our support db"), TICKETS)));
        }
        for (String command : MappingPagesTest.commands()) {
            RUNS.put(command, THREADS.submit(() -> type(command)));
        }
    }

    @AfterAll
    static void stop() {
        THREADS.shutdownNow();
    }

    private static Void type(String command) throws Exception {
        PageReader reader = READERS.take();
        try {
            type(command, reader);
        } finally {
            reader.project().restore();
            READERS.add(reader);
        }
        return null;
    }

    private static MigrationState before(String feature) {
        return MigrationState.before(feature).withTickets(TICKETS);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.supportdb.cli.MappingPagesTest#commands")
    void a_command_does_what_the_page_says(String command) throws Throwable {
        try {
            RUNS.get(command).get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    private static void type(String command, PageReader reader) throws Exception {
        switch (command) {
            case "./supportdb upgrade", "./supportdb update", "make up", "make update" ->
                    reader.leads(AT_026, command, HEAD);
            case "./supportdb upgrade 016", "./supportdb upgrade +1" -> reader.leads(AT_015, command, AT_016);
            case "./supportdb upgrade 020" -> reader.adds(AT_016, command, "020");
            case "./supportdb upgrade crm@head" -> reader.refuses(AT_BASE, command,
                    "Needs     main/000_backfill_tables", "./supportdb upgrade crm@head --with-dependencies\n");
            case "./supportdb upgrade crm@head --with-dependencies" ->
                    reader.adds(AT_BASE, command, "000", "001", "020", "022", "023", "025", "028");
            case "./supportdb downgrade 016", "./supportdb downgrade -1" -> reader.leads(AT_017, command, AT_016);
            case "./supportdb downgrade before-016" -> reader.leads(AT_017, command, AT_015);
            case "./supportdb downgrade crm@-1" -> reader.leads(HEAD, command, AT_026);
            case "./supportdb downgrade base" -> reader.leads(AT_003, command, nothing());
            case "./supportdb sql" -> reader.scripts(AT_026, command, PageReader.snapshot(HEAD));
            case "./supportdb rollback-sql" -> reader.scripts(HEAD, command, headWithoutItsLast);
            case "./supportdb sql 008:016" -> reader.scripts(AT_008, command, PageReader.snapshot(MAIN_AT_016));
            case "./supportdb rollback-sql 016:008" ->
                    reader.scripts(MAIN_AT_016, command, PageReader.snapshot(AT_008));
            case "./supportdb stamp heads" -> reader.adopts(HEAD, command, id -> true);
            case "./supportdb stamp 016", "./supportdb stamp 016 --force" ->
                    reader.adopts(MAIN_AT_016, command, id -> !id.startsWith("017"));
            case "./supportdb stamp 008", "./supportdb stamp 008 --force" ->
                    reader.adopts(AT_008, command, id -> !id.startsWith("009"));
            case "./supportdb current" -> reader.says(AT_026, command, "main +024_active_ticket_index +nothing",
                    "crm +025_message_metadata +028_customer_score");
            case "./supportdb current --check" -> reader.refuses(AT_026, command, "  028_customer_score\n");
            case "./supportdb heads" -> reader.says(AT_026, command, "main +024_\\w+ +20", "crm +028_\\w+ +pending");
            case "./supportdb branches" -> reader.says(AT_026, command, "knowledge +1 +026_articles +main\n");
            case "./supportdb history" ->
                    reader.says(AT_026, command, "001_\\w+ +main +5 +20", "028_\\w+ +crm +5 +pending");
            case "./supportdb history 008:016" ->
                    reader.says(AT_016, command, "(?s)^feature[^\n]+\n008_.*\n016_\\w+ +main +7 +20[^\n]+\n$");
            case "./supportdb show 016" -> reader.says(AT_016, command, "^main/016_ticket_metrics\n", "\napplied +20");
            case "./supportdb check" -> reader.checks(AT_003, command);
            case "./supportdb lint" -> reader.lints(command);
            case "./supportdb rollback-check" -> reader.checksRollbacks(command);
            case "./supportdb reset" -> reader.resets(AT_003, command);
            case "./supportdb revision \"add x\"" ->
                    reader.writes(command + " --ticket=SUP-12", "main", "# add x\n", "# Ticket: SUP-12\n");
            case "./supportdb revision \"add x\" --branch=crm" -> reader.writes(command, "crm", "# add x\n");
            case "./supportdb revision \"invoices\" --branch=billing" ->
                    reader.writes(command, "billing", "# invoices\n");
            case "./supportdb revision \"invoices\" --branch=billing --depends=main/008_audit_log" ->
                    reader.writes(command, "billing", "with labels 'main or billing'", "id: \"008_audit_log-04-");
            case "./supportdb merge main reporting -m \"join reporting\"" -> reader.writes(command, "main",
                    "onFail: CONTINUE", "id: \"024_active_ticket_index-", "id: \"010_scheduled_reports-");
            case "./supportdb autogenerate \"add tags\"" ->
                    reader.generates(command, "main", "name: computed_score");
            default -> throw new AssertionError("The pages have a command that no test types: " + command);
        }
    }

    private static Snapshot nothing() throws Exception {
        try (TestDatabase database = Databases.empty()) {
            return database.snapshot();
        }
    }

    @Test
    void a_command_that_does_something_else_is_noticed() throws Exception {
        PageReader reader = READERS.take();
        try {
            assertThatThrownBy(() -> type("./supportdb upgrade 017", reader)).hasMessageContaining("no test types: ./");
            assertThatThrownBy(() -> reader.leads(AT_015, "make upgrades", AT_016))
                    .hasMessageContaining("make has no target upgrades");
            assertThatThrownBy(() -> reader.leads(AT_015, "./supportdb heads", AT_016))
                    .hasMessageContaining("tickets.");
            assertThatThrownBy(() -> reader.says(AT_015, "./supportdb heads", "main +024_\\w+ +20"))
                    .hasMessageContaining("main       024_active_ticket_index  pending");
        } finally {
            READERS.add(reader);
        }
    }
}
