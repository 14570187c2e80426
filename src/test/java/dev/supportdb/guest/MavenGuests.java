package dev.supportdb.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.util.List;
import java.util.stream.Stream;
import liquibase.util.LiquibaseUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The application in {@code src/guest}, migrated by the goals of Liquibase's plugin, with the jar as a dependency of
 * that. Not one of the suite, for it downloads: {@code mvn package -DskipTests}, then {@code mvn surefire:test
 * -Dtest=MavenGuests}.
 */
final class MavenGuests {

    private static final List<String> CREATED = List.of("001-create-orders", "002-add-total");
    private static final List<String> FILLED = List.of("001-create-orders", "002-add-total", "002-fill-total");

    private static GuestProject project;

    private TestDatabase database;

    @BeforeAll
    static void provide() throws Exception {
        project = GuestProject.of(MavenGuests.class);
    }

    @BeforeEach
    void makeDatabase() throws Exception {
        database = Databases.empty();
    }

    @AfterEach
    void drop() throws Exception {
        database.close();
    }

    static Stream<String> versions() {
        return Stream.of(LiquibaseUtil.getBuildVersion(), "4.33.0").distinct();
    }

    @ParameterizedTest
    @MethodSource("versions")
    void the_goals_go_forward_and_back_and_those_of_stock_liquibase_go_on(String version) throws Exception {
        String goals = "-Pgoals -Dliquibase.version=" + version + " liquibase:";

        assertDone("-Pgoals -Dliquibase.version=" + version + " process-resources liquibase:update",
                "order_total: 1,000 rows of orders in ");
        assertState(FILLED, 1000);
        assertDone(goals + "rollback -Dliquibase.rollbackCount=1", "order_total: 1,000 rows of orders in ");
        assertState(CREATED, 0);
        assertDone(goals + "update", "");
        assertState(FILLED, 1000);
        assertRefused(goals + "rollback -Dliquibase.rollbackCount=2", "1000 rows of orders.total would be lost");
        assertRefused(goals + "update -Dliquibase.labels=nosuch", "There is no label 'nosuch'");
        assertState(FILLED, 1000);
        assertDone(goals + "rollback -Dliquibase.rollbackCount=2 -Dsupportdb.rollback.discard=orders.total", "");
        assertThat(history()).containsExactly("001-create-orders");
        assertDone(goals + "update", "");
        assertState(FILLED, 1000);

        leave(version);
    }

    /** Without the profile the jar is away, and what only it knows is refused: so it was the jar that ran it. */
    private void leave(String version) throws Exception {
        String stock = "org.liquibase:liquibase-maven-plugin:%s:%%s -Dliquibase.changeLogFile=db/changelog/%%s.yaml"
                .formatted(version);
        assertRefused(stock.formatted("update", "db.changelog-master"), "000_backfill_tables.yaml was not found");

        database.execute(GuestPage.afterLeaving());
        assertDone(stock.formatted("update", "after-leaving"), "");
        assertState(Stream.concat(FILLED.stream(), Stream.of("003-create-returns")).toList(), 1000);
        assertDone(stock.formatted("rollback", "after-leaving") + " -Dliquibase.rollbackCount=1", "");
        assertState(FILLED, 1000);
    }

    private void assertState(List<String> changesets, int filled) throws Exception {
        assertThat(history()).isEqualTo(changesets);
        assertThat(database.count("select count(*) from orders where total = 6")).isEqualTo(filled);
    }

    private List<String> history() throws Exception {
        return database.texts("select id from databasechangelog where author = 'shop' order by orderexecuted");
    }

    private void assertDone(String words, String said) throws Exception {
        assertThat(project.goal(database, words).done()).contains(said);
    }

    private void assertRefused(String words, String why) throws Exception {
        GuestProcess run = project.goal(database, words);
        assertThat(run.exitCode()).as(run.output()).isNotZero();
        assertThat(run.output()).contains(why);
    }
}
