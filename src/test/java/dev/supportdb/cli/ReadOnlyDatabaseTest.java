package dev.supportdb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import dev.supportdb.support.TestRole;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A read-only database stays so: a command that writes names the setting, and stops. */
final class ReadOnlyDatabaseTest {

    private static final String WRITABLE = "options=-c%20default_transaction_read_only=off";

    private TestDatabase database;

    @BeforeEach
    void create() throws Exception {
        database = Databases.at(MigrationState.head());
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    private TestDatabase with(String parameter) {
        return new TestDatabase(database.name(), database.url() + "?" + parameter, database.username(),
                database.password());
    }

    private void readOnly() throws SQLException {
        database.execute("alter database %s set default_transaction_read_only = on".formatted(database.name()));
        database.letGo();
    }

    @Test
    void refuses_whatever_writes() throws SQLException {
        readOnly();
        for (String command : List.of("update", "upgrade heads", "downgrade before-017 --with-dependents",
                "downgrade -1", "stamp --force before-017", "stamp before-017", "rollback",
                "backfills pause ticket_metrics", "backfills cancel ticket_metrics",
                "backfills set ticket_metrics --workers=2", "backfills work", "up")) {
            CommandRun run = CommandRun.on(database, command.split(" "));

            assertThat(run.output()).as(command).contains("User %s may only read in database %s: "
                    .formatted(database.username(), database.name())
                    + "default_transaction_read_only is on. Nothing has been changed.",
                    "  DATABASE_URL='%s?%s'\n".formatted(database.url(), WRITABLE),
                    "  set default_transaction_read_only = off;\n"
                            + "  alter database %s reset default_transaction_read_only;".formatted(database.name()));
            assertThat(run.exitCode()).as(command).isNotZero();
        }
    }

    @Test
    void answers_whatever_reads() throws SQLException {
        readOnly();
        for (String command : List.of("current", "backfills", "history", "sql", "status")) {
            CommandRun run = CommandRun.on(database, command);
            assertThat(run.exitCode()).as("%s: %s", command, run.output()).isZero();
        }
    }

    @Test
    void a_command_that_only_reads_refuses_to_create_the_history() throws SQLException {
        database.execute("drop table databasechangelog");
        readOnly();
        assertThat(CommandRun.on(database, "status").output()).contains("may only read in database " + database.name());
        assertThat(CommandRun.on(database, "current").output()).contains("base");
    }

    @Test
    void a_read_only_database_can_be_written_as_the_message_says() throws SQLException {
        readOnly();
        CommandRun run = CommandRun.on(with(WRITABLE), "downgrade", "-1");
        assertThat(run.exitCode()).as(run.output()).isZero();

        database.execute("set default_transaction_read_only = off; begin read write; "
                + "alter database %s reset default_transaction_read_only; commit".formatted(database.name()));
        database.letGo();
        assertThat(CommandRun.on(database, "update").output()).contains("applied");
    }

    @Test
    void names_all_settings_of_the_role_at_once() throws SQLException {
        try (TestRole role = TestRole.in(database, "role")) {
            role.with("alter role ROLE set default_transaction_read_only = true")
                    .with("alter role ROLE in database %s set default_transaction_read_only = 1"
                            .formatted(database.name()));
            assertThat(CommandRun.on(role.database(), "update").output()).contains("""
                      alter role %1$s in database %2$s reset default_transaction_read_only;
                      alter role %1$s reset default_transaction_read_only;
                    """.formatted(role.name(), database.name()).indent(2).replaceAll("(?m)^ {4}", "  "));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"options=-c%20default_transaction_read_only=on", "readOnly=true"})
    void says_that_the_connection_asks_for_it(String parameter) {
        CommandRun run = CommandRun.on(with(parameter), "update");
        assertThat(run.output()).contains("the connection is read-only. Nothing has been changed. Remove readOnly");
        assertThat(run.exitCode()).isNotZero();
    }
}
