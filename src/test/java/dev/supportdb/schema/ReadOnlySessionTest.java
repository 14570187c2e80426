package dev.supportdb.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReadOnlySessionTest {

    private TestDatabase database;
    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        database = Databases.empty();
        database.execute("create table t (id int primary key); insert into t values (1)");
        connection = database.connect();
    }

    @AfterEach
    void drop() throws SQLException {
        connection.close();
        database.close();
    }

    @ParameterizedTest(name = "auto-commit {0}")
    @ValueSource(booleans = {true, false})
    void the_session_is_left_as_it_was(boolean autoCommit) throws SQLException {
        connection.setAutoCommit(autoCommit);
        List<String> before = settings();

        SchemaFingerprint.of(connection);
        DataDigest.of(connection);

        assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
        assertThat(settings()).isEqualTo(before);
    }

    @Test
    void the_callers_transaction_goes_on() throws SQLException {
        connection.setAutoCommit(false);
        execute("set local lock_timeout = '7s'; insert into t values (2)");

        assertThat(DataDigest.of(connection).tables().get("public.t").count()).isEqualTo(2);

        execute("insert into t values (3)");
        assertThat(settings()).contains("lock_timeout=7s");
        assertThat(database.count("select count(*) from t")).isEqualTo(1);
        connection.commit();
        assertThat(database.count("select count(*) from t")).isEqualTo(3);
    }

    @ParameterizedTest(name = "auto-commit {0}")
    @ValueSource(booleans = {true, false})
    void the_session_is_left_as_it_was_after_an_error_too(boolean autoCommit) throws SQLException {
        connection.setAutoCommit(autoCommit);
        List<String> before = settings();

        assertThatThrownBy(() -> {
            try (ReadOnlySession reading = ReadOnlySession.of(connection)) {
                reading.query("select 1 / 0");
            }
        }).hasMessageContaining("division by zero");

        assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
        assertThat(settings()).isEqualTo(before);
    }

    @ParameterizedTest(name = "auto-commit {0}")
    @ValueSource(booleans = {true, false})
    void nothing_can_be_written(boolean autoCommit) throws SQLException {
        connection.setAutoCommit(autoCommit);

        assertThatThrownBy(() -> {
            try (ReadOnlySession reading = ReadOnlySession.of(connection)) {
                reading.query("insert into public.t values (2) returning id");
            }
        }).hasMessageContaining("read-only transaction");
    }

    private List<String> settings() throws SQLException {
        List<String> settings = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select name || '=' || current_setting(name) from pg_settings
                        union all select 'transaction=' || coalesce(pg_current_xact_id_if_assigned()::text, 'none')
                        order by 1
                        """)) {
            while (rows.next()) {
                settings.add(rows.getString(1));
            }
        }
        return settings;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
