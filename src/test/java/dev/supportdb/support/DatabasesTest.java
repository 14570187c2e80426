package dev.supportdb.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.Test;

final class DatabasesTest {

    @Test
    void empty_databases_have_nothing_in_common() throws SQLException {
        try (TestDatabase one = Databases.empty(); TestDatabase other = Databases.empty()) {
            one.execute("create table t (id int)");

            assertThat(one.texts("select relname from pg_class where relname = 't'")).containsExactly("t");
            assertThat(other.texts("select relname from pg_class where relname = 't'")).isEmpty();
        }
    }

    @Test
    void a_state_is_the_same_for_all_and_shared_by_none() throws SQLException, CommandExecutionException {
        MigrationState state = MigrationState.before("002_sla_fields");
        try (TestDatabase one = Databases.at(state); TestDatabase other = Databases.at(state)) {
            assertThat(one.count("select count(*) from tickets")).isZero();
            one.execute("drop table ticket_comments");

            assertThat(other.count("select count(*) from ticket_comments")).isZero();
            assertThat(other.texts("select id from databasechangelog order by orderexecuted"))
                    .isEqualTo(one.texts("select id from databasechangelog order by orderexecuted"));
        }
        try (TestDatabase demo = Databases.at(state.withTickets(50))) {
            assertThat(demo.count("select count(*) from tickets")).isEqualTo(50);
        }
    }

    @Test
    void a_session_is_not_in_utc() throws SQLException {
        try (TestDatabase database = Databases.empty()) {
            assertThat(database.text("show timezone")).isEqualTo("Pacific/Chatham");
        }
    }

    @Test
    void a_closed_database_is_gone_though_somebody_is_connected() throws SQLException {
        try (TestDatabase observer = Databases.empty()) {
            TestDatabase database = Databases.empty();
            try (var connection = database.connect()) {
                database.close();
                assertThat(connection.isValid(1)).isFalse();
            }
            assertThat(observer.count("select count(*) from pg_database where datname = '%s'"
                    .formatted(database.name()))).isZero();
        }
    }
}
