package dev.supportdb.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;

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
