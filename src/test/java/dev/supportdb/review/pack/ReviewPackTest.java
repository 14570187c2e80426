package dev.supportdb.review.pack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.Json;
import dev.supportdb.review.ChangesetTrace;
import dev.supportdb.review.Finding;
import dev.supportdb.review.Forecast;
import dev.supportdb.review.Judgement;
import dev.supportdb.review.LockMode;
import dev.supportdb.review.Trace;
import dev.supportdb.review.Tracer;
import dev.supportdb.run.OfflineSql;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.support.Databases;
import dev.supportdb.support.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** A pack of changesets that hurt, and one of the same as they should be. */
@TestInstance(Lifecycle.PER_CLASS)
final class ReviewPackTest {

    /** Enough for all that a page shows. */
    private static final String SHOWN = "(bad|safe)-0\\d-.*|bad-15-.*";

    private static final Review.Commands OTHERS =
            (command, words) -> "./supportdb %s --env=staging".formatted(command);

    @TempDir
    private Path folder;
    private TestDatabase server;
    private Review bad;
    private Review safe;

    @BeforeAll
    void review() throws Exception {
        server = Databases.empty();
        bad = review("review/bad.yaml");
        safe = review("review/safe.yaml");
    }

    @AfterAll
    void drop() throws Exception {
        server.close();
    }

    private Review review(String file) throws Exception {
        TargetDatabase target = new TargetDatabase(server.url(), server.username(), server.password(), file, "test",
                null, Map.of());
        Changelog changelog = Changelog.read(Path.of(""), file, Map.of());
        Map<Boolean, List<ChangeSet>> parts = changelog.features().stream()
                .flatMap(feature -> feature.changeSets().stream())
                .filter(one -> !one.getId().matches("(bad|safe)-.*") || one.getId().matches(SHOWN))
                .collect(Collectors.partitioningBy(one -> one.getId().matches(SHOWN)));
        Trace trace = new Tracer(target, Path.of(""), 2000, Duration.ofSeconds(20), line -> { })
                .run(parts.get(false), parts.get(true), null);
        OfflineSql offline = new OfflineSql(target, Path.of(""), changelog, new DefaultChangeExecListener());
        return new Review(file, "./supportdb review", OTHERS, Review.Rows.GENERATED, true, null, trace, changelog,
                ChangesetSql.of(offline, parts.get(false), parts.get(true)));
    }

    private static ReviewPage page(Review review) {
        return new ReviewPage(review, ZonedDateTime.parse("2026-11-30T12:00:00Z"));
    }

    private static List<String> found(String regex, String text) {
        return Pattern.compile(regex).matcher(text).results().map(found -> found.group(1)).toList();
    }

    @Test
    void bad_changesets_make_a_red_page_with_a_reason_for_each() {
        List<String> ids = bad.trace().changesets().stream().map(one -> one.changeSet().getId().substring(0, 6)).toList();
        int all = ids.size();

        String html = new ReviewPack(bad).html();

        assertThat(html).contains("<header class=\"bad\">", "%d of %d changesets need a decision: ".formatted(all - 1, all),
                "were written anew", "in SHARE mode while", "is gone, and an old application",
                "Because: the table is read by nobody at night");
        String toDecide = html.substring(html.indexOf("id=\"decide\""), html.indexOf("id=\"timeline\""));
        assertThat(found("<a href=\"#c\\d+-(bad-\\d+)", toDecide))
                .containsAll(ids.stream().filter(id -> !id.equals("bad-15")).toList()).doesNotContain("bad-15");
    }

    @Test
    void their_safe_forms_make_a_green_one() {
        String html = new ReviewPack(safe).html();

        assertThat(html).contains("<header class=\"good\">",
                "Nothing to decide: all 10 changesets stop nobody for long, lose nothing and can be undone.")
                .doesNotContain("class=\"finding", "id=\"decide\"");
    }

    @Test
    void the_page_is_one_file_without_a_script_and_each_of_its_links_leads_somewhere() {
        String html = new ReviewPack(bad).html();

        assertThat(html).doesNotContain("<script", "javascript:", "@import", "url(").doesNotContainPattern(" on\\w+=");
        assertThat(found("(?:src|href)=\"([^\"#][^\"]*)\"", html)).containsExactly("data:,");
        Set<String> ids = new TreeSet<>(found(" id=\"([^\"]+)\"", html));
        assertThat(ids).hasSameSizeAs(found(" id=\"([^\"]+)\"", html));
        assertThat(ids).containsAll(found("href=\"#([^\"]+)\"", html)).containsAll(found("labelledby=\"([^\"]+)\"", html));
    }

    @Test
    void the_sql_has_the_marks_of_its_transactions_and_not_the_rows_of_the_history() {
        List<ChangesetView> changesets = page(safe).changesets();

        assertThat(changesets.get(0).forward().sql()).contains("create index concurrently").doesNotContain("begin;");
        assertThat(changesets).hasSize(10).allSatisfy(one -> {
            assertThat(one.forward().sql()).isNotEmpty().doesNotContain("databasechangelog", "-- Changeset",
                    "emit_message");
            assertThat(one.back().sql()).doesNotContain("databasechangelog", "emit_message");
            assertThat(one.trace().changeSet().isRunInTransaction()).isEqualTo(one.forward().sql().startsWith("begin;")
                    && one.forward().sql().endsWith("commit;"));
        });
        assertThat(changesets).anySatisfy(one -> assertThat(one.back().sql()).startsWith("begin;"));
    }

    @Test
    void locks_are_bars_on_their_tables_as_long_as_they_were_held() {
        Timeline timeline = page(bad).timeline();

        assertThat(timeline.segments()).hasSameSizeAs(bad.trace().changesets()).isSortedAccordingTo((a, b) -> Double.compare(a.x(), b.x()))
                .allSatisfy(segment -> assertThat(segment.width()).isGreaterThanOrEqualTo(5));
        Timeline.Segment last = timeline.segments().get(timeline.segments().size() - 1);
        assertThat(last.x() + last.width()).isBetween(Timeline.WIDTH - 1.0, Timeline.WIDTH + 1.0);
        assertThat(timeline.lanes()).filteredOn(lane -> lane.table().equals("items_4")).singleElement().satisfies(lane ->
                assertThat(lane.bars()).anySatisfy(bar -> {
                    Timeline.Segment rewrite = timeline.segments().get(3);
                    assertThat(bar.colour()).isEqualTo("all");
                    assertThat(bar.x()).isBetween(rewrite.x() - 1, rewrite.x() + rewrite.width());
                    assertThat(bar.width()).isLessThanOrEqualTo(rewrite.width() + 2);
                    assertThat(bar.title()).contains("ACCESS EXCLUSIVE on items_4 for ", "readers and writers wait");
                }));
    }

    @Test
    void the_checklists_are_filled_where_the_machine_knows() {
        List<Checklist> good = page(safe).checklists();
        List<Checklist> red = page(bad).checklists();

        assertThat(good).extracting(list -> list.items().size()).containsExactly(10, 6);
        assertThat(good.get(0).items()).filteredOn(Checklist.Item::done).extracting(Checklist.Item::text)
                .contains("It has run in a development database", "The way back has been tried",
                        "A maintenance window is agreed on, if one is needed");
        assertThat(red.get(0).items()).filteredOn(item -> !item.done() && item.known() != null)
                .extracting(Checklist.Item::known).contains("not proven for all changesets",
                        "needed, or the safe forms above");
        assertThat(good.get(1).items()).filteredOn(item -> item.known() == null).isNotEmpty()
                .allSatisfy(item -> assertThat(item.done()).isFalse());
        assertThat(good.get(1).items()).extracting(Checklist.Item::text)
                .contains("The schema is compared afterwards: ./supportdb check --env=staging");
    }

    @Test
    void the_comment_says_the_same_and_fits_a_pull_request() {
        int all = bad.trace().changesets().size();

        String comment = ReviewComment.of(page(bad));

        assertThat(comment).startsWith("## ❌ %d of %d changesets need a decision".formatted(all - 1, all))
                .contains("| 4 | `bad-04-type_rewrite` | **blocking** |", "ALTER TABLE items_4 ALTER COLUMN amount TYPE",
                        "- [ ] There is a plan for backups", "- [x] It has run in a development database")
                .doesNotContainPattern("[^\\n]\\n(\\*\\*(blocking|loses|not proven back)|Safe form|##+ |<details)")
                .hasSizeLessThanOrEqualTo(ReviewComment.LONGEST);
    }

    @Test
    void a_comment_with_too_much_sql_names_the_rest() {
        Map<String, String> long_ = safe.sql().forward().keySet().stream()
                .collect(Collectors.toMap(name -> name, name -> "select 1;\n".repeat(1000)));
        Review review = new Review(safe.subject(), safe.command(), safe.others(), safe.rows(), true, null,
                safe.trace(), safe.changelog(), new ChangesetSql(long_, safe.sql().back()));

        String comment = ReviewComment.of(page(review));

        List<String> ids = safe.trace().changesets().stream().map(one -> one.changeSet().getId()).toList();
        assertThat(comment).contains("| 1 | `" + ids.get(0), "| 10 | `" + ids.get(9), "No place here for the SQL of ")
                .hasSizeLessThanOrEqualTo(ReviewComment.LONGEST);
        assertThat(found("<summary><code>([^<]+)", comment)).contains(ids.get(9)).doesNotContain(ids.get(0));
    }

    /** The author of a changelog must not be able to write the page. */
    @Test
    void text_of_the_changelog_is_text() {
        Finding hostile = new Finding(Judgement.LOSES, false, "</p><script>alert(1)</script> @everyone | `x`",
                "select '</code><img src=x onerror=alert(1)>'", "t", LockMode.SHARE, Duration.ofSeconds(1), 1,
                "```\n# <b>", null);
        ChangesetTrace one = bad.trace().changesets().get(0);
        Trace trace = new Trace("17", "<i>", List.of(new ChangesetTrace(one.changeSet(), one.inUse(), one.forward(),
                one.back(), one.made(), one.gone(), List.of(hostile), null)), Map.of("<t>", "<why>"), null);
        ReviewPage page = page(new Review("\"><script>", "<b>", OTHERS, bad.rows(), true, null, trace,
                bad.changelog(), bad.sql()));

        assertThat(new ReviewPack(page.review()).html())
                .contains("&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt; @everyone")
                .doesNotContain("<script", "<img", "<i>", "<b>", "<t>", "<why>");
        assertThat(ReviewComment.of(page))
                .contains("&lt;script&gt;alert(1)&lt;/script&gt; @&#8203;everyone \\| \\`x\\`", "````yaml\n```\n# <b>\n````");
        assertThat(Json.of(ReviewJson.of(page))).contains("\"subject\": \"\\\"><script>\"");
    }

    @Test
    void a_name_is_code_in_a_comment_whatever_is_in_it() {
        assertThat(Words.code("bad-01_first")).isEqualTo("`bad-01_first`");
        assertThat(Words.code("a|`b`<i>")).isEqualTo("<code>a\\|\\`b\\`&lt;i&gt;</code>");
    }

    @Test
    void the_fields_of_the_json_are_those_of_the_page_on_reviews() throws Exception {
        Set<String> names = new TreeSet<>();
        collect(ReviewJson.of(page(bad)), "", names);
        collect(ReviewJson.of(page(forecast(bad))), "", names);
        String documented = Files.readString(Path.of("docs/review.md")).split("\n## review.json\n")[1];

        assertThat(names).containsExactlyInAnyOrderElementsOf(new TreeSet<>(Pattern.compile("(?m)^\\| `([\\w.\\[\\]]+)` \\|")
                .matcher(documented).results().map(MatchResult::group).map(row -> row.split("`")[1]).toList()));
        assertThat(ReviewJson.of(page(bad))).containsEntry("version", 1).containsEntry("good", false)
                .containsEntry("toDecide", bad.trace().changesets().size() - 1L).containsEntry("blocking", true).containsEntry("rollbackProven", false);
        assertThat(ReviewJson.of(page(safe))).containsEntry("good", true).containsEntry("rollbackProven", true);
    }

    @Test
    void with_sizes_each_changeset_says_how_long_it_takes_there() {
        ReviewPage page = page(forecast(bad));
        int all = page.changesets().size();

        assertThat(new ReviewPack(page.review()).html()).contains("expected there 1.0 s to 3.0 s", "%d.0 s to %d.0 s".formatted(all, 3 * all),
                "writers or readers wait for at most 500 ms; measured on two sizes");
        assertThat(ReviewComment.of(page)).contains("there 1.0 s to 3.0 s |");
        assertThat(page(bad).facts()).extracting(Summary.Fact::value).contains("not known");
    }

    private static Review forecast(Review review) {
        Forecast forecast = new Forecast(range(1000), range(2000), new Forecast.Range(Duration.ofMillis(100),
                Duration.ofMillis(200), Duration.ofMillis(500)), "measured on two sizes");
        Trace trace = review.trace();
        return new Review(review.subject(), review.command(), review.others(), review.rows(), review.wayBack(),
                review.note(), new Trace(trace.server(), trace.basis(), trace.changesets().stream().map(one -> new ChangesetTrace(
                        one.changeSet(), one.inUse(), one.forward(), one.back(), one.made(), one.gone(),
                        one.findings(), forecast)).toList(), trace.empty(), trace.failure()),
                review.changelog(), review.sql());
    }

    private static Forecast.Range range(long millis) {
        return new Forecast.Range(Duration.ofMillis(millis), Duration.ofMillis(2 * millis), Duration.ofMillis(3 * millis));
    }

    private static void collect(Object value, String path, Set<String> names) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, inner) -> {
                names.add(path + name);
                collect(inner, path + name + ".", names);
            });
        } else if (value instanceof Collection<?> list) {
            list.forEach(inner -> collect(inner, path.replaceFirst("\\.$", "[]."), names));
        }
    }

    @Test
    void all_three_files_are_written() throws Exception {
        new ReviewPack(safe).write(folder.resolve("a/b"));

        assertThat(folder.resolve("a/b")).isDirectoryContaining("glob:**/index.html")
                .isDirectoryContaining("glob:**/review.md").isDirectoryContaining("glob:**/review.json");
        assertThat(Files.readString(folder.resolve("a/b/review.json"))).startsWith("{\"version\": 1, ").endsWith("}\n");
    }
}
