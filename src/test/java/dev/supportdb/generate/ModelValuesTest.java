package dev.supportdb.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The classes give a row the values that the columns have no default for, as an application's own would. */
final class ModelValuesTest {

    private static final String STORES = """
            import org.hibernate.SessionFactory;
            import org.hibernate.boot.model.naming.PhysicalNamingStrategySnakeCaseImpl;
            import org.hibernate.cfg.Configuration;

            public final class Stores implements java.util.function.Consumer<String[]> {
                @Override
                public void accept(String[] server) {
                    try (SessionFactory sessions = new Configuration()
                            .addAnnotatedClass(Tag.class).addAnnotatedClass(User.class)
                            .setPhysicalNamingStrategy(new PhysicalNamingStrategySnakeCaseImpl())
                            .setProperty("hibernate.connection.url", server[0])
                            .setProperty("hibernate.connection.username", server[1])
                            .setProperty("hibernate.connection.password", server[2])
                            .buildSessionFactory()) {
                        sessions.inTransaction(session -> {
                            Tag tag = new Tag();
                            tag.name = "urgent";
                            session.persist(tag);
                        });
                        sessions.inTransaction(session -> session.find(User.class, 1).fullName = "Ada Lovelace");
                    }
                }
            }
            """;

    @TempDir
    private Path folder;

    private void store(ModelSources sources, TestDatabase database) throws Exception {
        JpaModels models = sources.edit("Tag", "private String name;", "String name;")
                .edit("User", "private String fullName;", "String fullName;").add("Stores", STORES).models();
        @SuppressWarnings("unchecked")
        Consumer<String[]> stores = (Consumer<String[]>) Class.forName("dev.supportdb.model.Stores", true,
                models.getClass().getClassLoader()).getConstructor().newInstance();
        stores.accept(new String[] {database.url(), database.username(), database.password()});
    }

    @Test
    void a_tag_has_a_colour_and_a_time_and_a_changed_user_another_time() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("008_audit_log"))) {
            database.execute("""
                    insert into users (id, email, full_name, created_at, updated_at)
                    values (1, 'ada@example.org', 'Ada', timestamp '2020-01-01', timestamp '2020-01-01')""");

            store(new ModelSources(folder), database);

            assertThat(database.count("""
                    select count(*) from tags where name = 'urgent' and color = '#808080'
                    and created_at between localtimestamp - interval '1 day' and localtimestamp + interval '1 day'
                    """)).isOne();
            assertThat(database.count("""
                    select count(*) from users where full_name = 'Ada Lovelace' and created_at = timestamp '2020-01-01'
                    and updated_at > localtimestamp - interval '1 day'
                    """)).isOne();
        }
    }

    @Test
    void a_tag_without_a_colour_is_refused_as_the_column_has_no_default() throws Exception {
        try (TestDatabase database = Databases.at(MigrationState.before("008_audit_log"))) {
            ModelSources without = new ModelSources(folder).edit("Tag", " = \"#808080\"", "");
            assertThatThrownBy(() -> store(without, database)).hasStackTraceContaining("color");
        }
    }
}
