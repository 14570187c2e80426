package dev.supportdb.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.schema.Difference;
import dev.supportdb.schema.SchemaFingerprint;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The verification separates differences that a run has made from older ones. */
final class VerificationTest {

    private static final String BEFORE = "create table crates (id int primary key, label varchar(10));";
    private static final String OTHERS = """
            create index ix_others on crates (label);
            alter table crates add note text;
            create table elsewhere (id int);
            """;
    private static final String RUN = """
            alter table crates add weight int not null default 0, alter column label type varchar(20);
            create index ix_crates_weight on crates (weight);
            alter table crates add constraint ck_weight check (weight >= 0);
            """;

    @Test
    void a_difference_from_before_the_run_is_not_blamed_on_it() throws Exception {
        assertThat(wrong(BEFORE + OTHERS, BEFORE + OTHERS + RUN)).isEmpty();
        assertThat(wrong(BEFORE + "alter table crates alter column label type text;",
                BEFORE + "alter table crates alter column label type text;" + RUN)).isEmpty();
    }

    @Test
    void a_difference_that_the_run_has_left_is_named() throws Exception {
        assertThat(wrong(BEFORE, BEFORE + "alter table crates alter column label type varchar(20);"))
                .containsExactly("index public.ix_crates_weight is missing",
                        "table column public.crates.weight is missing",
                        "table constraint ck_weight on public.crates is missing");
        assertThat(wrong(BEFORE, BEFORE + RUN.replace("(weight >= 0)", "(weight >= 0) not valid")
                + "update pg_index set indisvalid = false where indexrelid = 'ix_crates_weight'::regclass;"))
                .containsExactly("index public.ix_crates_weight is invalid: its build failed",
                        "table constraint ck_weight on public.crates is not validated");
        assertThat(wrong(BEFORE, BEFORE + RUN + "create table more ();"))
                .containsExactly("table public.more is not in the changelog");
    }

    /** A failed build that bears the name of an index of the run was drift before, and is not any more. */
    @Test
    void an_object_in_the_way_of_the_run_is_named() throws Exception {
        String left = BEFORE + "create index ix_crates_weight on crates (label);";
        assertThat(wrong(left, left + RUN.replaceAll("create index.*", "")))
                .containsExactly("index public.ix_crates_weight differs");
    }

    @Test
    void a_lost_object_of_other_people_is_named() throws Exception {
        assertThat(wrong(BEFORE + OTHERS, BEFORE + OTHERS + RUN + "drop index ix_others;"))
                .containsExactly("index public.ix_others, which is not in the changelog, is gone");
        assertThat(wrong(BEFORE + OTHERS, BEFORE + OTHERS + RUN
                + "update pg_index set indisvalid = false where indexrelid = 'ix_others'::regclass;"))
                .containsExactly("index public.ix_others is invalid: its build failed");
    }

    private static List<String> wrong(String before, String after) throws SQLException {
        SchemaFingerprint now = schema(after);
        return Verification.wrong(Difference.between(schema(BEFORE), schema(before)).definitions(),
                Difference.between(schema(BEFORE + RUN), now).definitions(), now);
    }

    private static SchemaFingerprint schema(String sql) throws SQLException {
        try (TestDatabase database = Databases.empty(); Connection connection = database.connect()) {
            database.execute(sql);
            return SchemaFingerprint.of(connection);
        }
    }
}
