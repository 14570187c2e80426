package dev.supportdb.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseUrlTest {

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
            "jdbc:postgresql://db:5432/support,  jdbc:postgresql://db:5432/support,  -,  -",
            "jdbc:postgresql://db/support?sslmode=require,  jdbc:postgresql://db/support?sslmode=require,  -,  -",
            "postgresql://db:5432/support,  jdbc:postgresql://db:5432/support,  -,  -",
            "postgres://db/support,  jdbc:postgresql://db/support,  -,  -",
            "postgresql+psycopg2://ann:secret@db/support,  jdbc:postgresql://db/support,  ann,  secret",
            "postgresql://ann@db/support,  jdbc:postgresql://db/support,  ann,  -",
            "postgresql://db/x?channel_binding=require,  jdbc:postgresql://db/x?channelBinding=require,  -,  -",
            "jdbc:postgresql://db/x?channel_binding=a,  jdbc:postgresql://db/x?channel_binding=a,  -,  -",
            "postgresql://ann:secret@db:5432/support?a=b,  jdbc:postgresql://db:5432/support?a=b,  ann,  secret",
            "postgresql://a%40b:p%2Fw%3A+@[::1]:5432/x,  jdbc:postgresql://[::1]:5432/x,  a@b,  p/w:+",
            "postgresql://ann:secret@/support,  jdbc:postgresql:///support,  ann,  secret",
    })
    void reads_both_forms(String written, String jdbc, String username, String password) {
        assertThat(DatabaseUrl.of(written, "DATABASE_URL")).isEqualTo(new DatabaseUrl(jdbc, username, password));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "support", "mysql://ann:secret@db/support", "postgresql:ann:secret@db",
            "postgresql://ann:sec/ret@db/support", "postgresql://ann:secret%zz@db/support"})
    void refuses_others_without_repeating_them(String written) {
        assertThatThrownBy(() -> DatabaseUrl.of(written, "DATABASE_URL"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("DATABASE_URL ")
                .hasMessageContaining("jdbc:postgresql://host:port/database")
                .hasMessageNotContainingAny("secret", "sec/ret", "ann");
    }

    @ParameterizedTest
    @CsvSource({
            "jdbc:postgresql://db:5432/support?sslmode=require,  jdbc:postgresql://db:5432/scratch?sslmode=require",
            "jdbc:postgresql://[::1]/support,  jdbc:postgresql://[::1]/scratch",
            "jdbc:postgresql://db/,  jdbc:postgresql://db/scratch",
            "jdbc:postgresql://db?a=/b,  jdbc:postgresql://db/scratch?a=/b",
    })
    void names_another_database_of_the_same_server(String one, String other) {
        assertThat(new DatabaseUrl(one, "ann", "secret").withDatabase("scratch"))
                .isEqualTo(new DatabaseUrl(other, "ann", "secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://db.example/support", "postgresql://ann@DB.example:5432/support?sslmode=require"})
    void knows_a_database_however_it_is_written(String written) {
        assertThat(DatabaseUrl.of(written, "url").place()).isEqualTo("db.example:5432/support");
    }

    @Test
    void knows_this_machine_by_its_names_and_tells_servers_and_databases_apart() {
        assertThat(Stream.of("127.0.0.1", "localhost", "[::1]")
                .map(host -> DatabaseUrl.of("jdbc:postgresql://%s/support".formatted(host), "url").place()))
                .containsOnly("localhost:5432/support");
        assertThat(Stream.of("db/a", "db/b", "db:5433/a", "other/a")
                .map(place -> DatabaseUrl.of("jdbc:postgresql://" + place, "url").place())).doesNotHaveDuplicates();
    }

    @Test
    void finds_a_password_and_a_schema_wherever_they_stand() {
        assertThat(DatabaseUrl.of("postgresql://ann:secret@db/x", "url").hasPassword()).isTrue();
        assertThat(DatabaseUrl.of("jdbc:postgresql://db/x?user=ann&password=secret", "url").hasPassword()).isTrue();
        assertThat(DatabaseUrl.of("jdbc:postgresql://db/x?sslmode=require", "url").hasPassword()).isFalse();
        assertThat(DatabaseUrl.of("jdbc:postgresql://db/x?currentSchema=a", "url").setsSchema()).isTrue();
        assertThat(DatabaseUrl.of("postgresql://db/x?options=-c%20search_path%3Da", "url").setsSchema()).isTrue();
        assertThat(DatabaseUrl.of("postgresql://db/x?options=-c%20statement_timeout%3D1", "url").setsSchema()).isFalse();
    }

    @Test
    void says_no_secret() {
        assertThat(DatabaseUrl.of("postgresql://ann:secret@db/support?password=secret", "DATABASE_URL"))
                .hasToString("jdbc:postgresql://db/support");
    }
}
