package dev.supportdb.domain;

import static io.github.mfvanek.pg.core.checks.common.Diagnostic.COLUMNS_WITH_FIXED_LENGTH_VARCHAR;
import static io.github.mfvanek.pg.core.checks.common.Diagnostic.COLUMNS_WITH_JSON_TYPE;
import static io.github.mfvanek.pg.core.checks.common.Diagnostic.COLUMNS_WITH_TIMESTAMP_OR_TIMETZ_TYPE;
import static io.github.mfvanek.pg.core.checks.common.Diagnostic.DUPLICATED_INDEXES;
import static io.github.mfvanek.pg.core.checks.common.Diagnostic.INDEXES_WITH_BOOLEAN;
import static io.github.mfvanek.pg.core.checks.common.Diagnostic.INDEXES_WITH_NULL_VALUES;
import static io.github.mfvanek.pg.core.checks.common.Diagnostic.INTERSECTED_INDEXES;
import static io.github.mfvanek.pg.core.checks.common.Diagnostic.PRIMARY_KEYS_THAT_MOST_LIKELY_NATURAL_KEYS;
import static io.github.mfvanek.pg.core.checks.common.Diagnostic.TABLES_NOT_LINKED_TO_OTHERS;
import static io.github.mfvanek.pg.core.checks.common.Diagnostic.TABLES_WHERE_ALL_COLUMNS_NULLABLE_EXCEPT_PK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import io.github.mfvanek.pg.connection.PgConnectionImpl;
import io.github.mfvanek.pg.core.checks.common.DatabaseCheckOnHost;
import io.github.mfvanek.pg.core.checks.common.Diagnostic;
import io.github.mfvanek.pg.core.checks.host.StandardChecksOnHost;
import io.github.mfvanek.pg.model.column.ColumnNameAware;
import io.github.mfvanek.pg.model.dbobject.DbObject;
import io.github.mfvanek.pg.model.predicates.SkipLiquibaseTablesPredicate;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.postgresql.ds.PGSimpleDataSource;

/** pg-index-health finds nothing in both databases at the head except what is listed here. */
final class StructureTest {

    /**
     * A finding of a check that is intended.
     *
     * @param objects a regular expression for indexes, tables or columns, the latter with their table
     */
    private record Exclusion(Diagnostic check, String objects, String reason) {

        boolean covers(String object) {
            return object.matches(objects);
        }
    }

    private static final String REFERENCE = "part of the reference schema";
    private static final String SMALLER =
            "part of the reference schema; smaller than the index that covers it";

    private static final List<Exclusion> EXCLUSIONS = List.of(
            new Exclusion(COLUMNS_WITH_FIXED_LENGTH_VARCHAR, ".*", "the reference schema is made that way"),
            new Exclusion(COLUMNS_WITH_TIMESTAMP_OR_TIMETZ_TYPE, ".*", "the reference schema is made that way"),
            new Exclusion(COLUMNS_WITH_JSON_TYPE, "(reports.parameters|scheduled_reports.recipients)", REFERENCE),
            new Exclusion(DUPLICATED_INDEXES, "customers_email_key,ix_customers_email", REFERENCE),
            new Exclusion(DUPLICATED_INDEXES, "ix_surveys_ticket_id,uq_surveys_ticket", REFERENCE),
            new Exclusion(DUPLICATED_INDEXES, "ix_tags_name,tags_name_key", REFERENCE),
            new Exclusion(DUPLICATED_INDEXES, "ix_users_email,users_email_key", REFERENCE),
            new Exclusion(INTERSECTED_INDEXES, "ix_contacts_customer_id,ix_contacts_primary", SMALLER),
            new Exclusion(INTERSECTED_INDEXES, "ix_ticket_tags_ticket_id,uq_ticket_tags_ticket_tag", SMALLER),
            new Exclusion(INTERSECTED_INDEXES, "ix_tickets_customer_created,ix_tickets_customer_id", SMALLER),
            new Exclusion(INTERSECTED_INDEXES, "ix_tickets_priority,ix_tickets_priority_status", SMALLER),
            new Exclusion(INTERSECTED_INDEXES, "ix_tickets_status,ix_tickets_status_assigned_user", SMALLER),
            new Exclusion(INDEXES_WITH_BOOLEAN, "ix_contacts_primary", REFERENCE),
            new Exclusion(INDEXES_WITH_BOOLEAN, "ix_tickets_sla_violated", REFERENCE),
            new Exclusion(TABLES_NOT_LINKED_TO_OTHERS, "ticket_facts.*", "speaks of rows of another database"),
            new Exclusion(PRIMARY_KEYS_THAT_MOST_LIKELY_NATURAL_KEYS, "(backfills|backfill_ranges|old_shapes)_pkey",
                    "people watch one by its name"),
            new Exclusion(TABLES_NOT_LINKED_TO_OTHERS, "old_shape.*", "a writer would have to lock what it points to"),
            new Exclusion(TABLES_WHERE_ALL_COLUMNS_NULLABLE_EXCEPT_PK, "ticket_response_times_originals",
                    "keeps two values of which either may have been NULL"),
            new Exclusion(INDEXES_WITH_NULL_VALUES, ".*", "rows without a value are looked for too, or few"));

    @TestFactory
    Stream<DynamicTest> nothing_is_found_but_what_is_meant_to_be_so() throws SQLException, CommandExecutionException {
        try (TestDatabase support = Databases.at(MigrationState.head()); TestDatabase analytics = Databases.empty()) {
            new LiquibaseRunner(MigrationState.analytics(analytics)).update();

            return found(support, analytics).entrySet().stream().map(check -> dynamicTest(check.getKey(), () -> {
                List<Exclusion> exclusions = exclusions(check.getKey());
                assertThat(check.getValue())
                        .allMatch(object -> exclusions.stream().anyMatch(exclusion -> exclusion.covers(object)));
                assertThat(exclusions)
                        .allMatch(exclusion -> check.getValue().stream().anyMatch(exclusion::covers));
            }));
        }
    }

    /** The other way round: a mistake is found. */
    @Test
    void a_mistake_is_found() throws SQLException, CommandExecutionException {
        try (TestDatabase database = Databases.at(MigrationState.head())) {
            Map<String, List<String>> before = found(database);
            database.execute("""
                    create table mistakes (ticket_id integer references tickets);
                    create index on tickets (subject);
                    create index on tickets (subject);
                    create function mistake() returns void language sql as '';
                    alter table customers add constraint known check (name <> '') not valid;
                    """);

            Map<String, List<String>> after = found(database);
            after.entrySet().removeAll(before.entrySet());
            assertThat(after).containsOnlyKeys(
                    "TABLES_WITHOUT_PRIMARY_KEY", "TABLES_WITHOUT_DESCRIPTION", "COLUMNS_WITHOUT_DESCRIPTION",
                    "FUNCTIONS_WITHOUT_DESCRIPTION", "FOREIGN_KEYS_WITHOUT_INDEX", "DUPLICATED_INDEXES",
                    "NOT_VALID_CONSTRAINTS", "TABLES_WITH_ZERO_OR_ONE_COLUMN",
                    "TABLES_WHERE_ALL_COLUMNS_NULLABLE_EXCEPT_PK");
        }
    }

    /** Returns the findings of each check, without the checks of how a database was used: these never were. */
    private static SortedMap<String, List<String>> found(TestDatabase... databases) {
        SortedMap<String, List<String>> found = new TreeMap<>();
        for (TestDatabase database : databases) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(database.url());
            source.setUser(database.username());
            source.setPassword(database.password());
            new StandardChecksOnHost().apply(PgConnectionImpl.ofUrl(source, database.url())).stream()
                    .filter(check -> !check.isRuntime())
                    .forEach(check -> found.computeIfAbsent(check.getName(), name -> new ArrayList<>())
                            .addAll(objects(check)));
        }
        return found;
    }

    private static List<String> objects(DatabaseCheckOnHost<? extends DbObject> check) {
        return check.check(SkipLiquibaseTablesPredicate.ofDefault()).stream()
                .map(object -> object instanceof ColumnNameAware column
                        ? column.getTableName() + "." + column.getColumnName()
                        : object.getName())
                .toList();
    }

    private static List<Exclusion> exclusions(String check) {
        return EXCLUSIONS.stream().filter(exclusion -> exclusion.check.name().equals(check)).toList();
    }
}
