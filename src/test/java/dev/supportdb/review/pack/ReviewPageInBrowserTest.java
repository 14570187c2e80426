package dev.supportdb.review.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.review.ChangesetTrace;
import dev.supportdb.review.Finding;
import dev.supportdb.review.Judgement;
import dev.supportdb.review.LockMode;
import dev.supportdb.review.PassTrace;
import dev.supportdb.review.StatementTrace;
import dev.supportdb.review.Trace;
import dev.supportdb.review.TransactionTrace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import liquibase.changelog.ChangeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page as a browser has it. */
@TestInstance(Lifecycle.PER_CLASS)
final class ReviewPageInBrowserTest {

    /** The contrasts of text and background, by the formula of WCAG. */
    private static final String CONTRASTS = """
            (() => { const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
              const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
                return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
              const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
                if (!/, 0\\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
              const poor = [];
              for (const e of document.querySelectorAll('h1,h2,h4,p,dt,dd strong,dd span,.chip,a,small,td,th,code,label span,legend')) {
                if (e.closest('svg') || e.classList.contains('skip')) continue;
                const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
                const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (ratio < 4.5) poor.push(e.tagName + ' ' + e.textContent.slice(0, 30) + ' ' + ratio.toFixed(2)); }
              return poor; })()
            """;

    @TempDir
    private static Path folder;
    private Path page;
    private Chromium browser;

    @BeforeAll
    void open() throws Exception {
        assumeThat(Chromium.program()).as("chromium is on the PATH").isNotNull();
        Path pack = folder.resolve("pack");
        new ReviewPack(review()).write(pack);
        page = pack.resolve("index.html");
        browser = new Chromium(Files.createDirectory(folder.resolve("profile")));
    }

    @AfterAll
    void close() {
        if (browser != null) {
            browser.close();
        }
    }

    /** Real changesets with made-up measurements: blocking, accepted, fine, and one in batches. */
    private static Review review() throws Exception {
        Changelog changelog = Changelog.read(Path.of(""), "review/bad.yaml", Map.of());
        List<ChangesetTrace> traces = new ArrayList<>();
        Map<String, String> sql = new HashMap<>();
        for (ChangeSet changeSet : changelog.features().get(changelog.features().size() - 1).changeSets()) {
            int number = traces.size();
            StatementTrace statement = new StatementTrace("select 1", Duration.ofMillis(20 + number), true, false,
                    false, Duration.ofMillis(100), Map.of("public.items", LockMode.values()[number % 8]), Map.of(),
                    Map.of(), Map.of(), Map.of(), Set.of(), Map.of(), Map.of(), 0);
            PassTrace pass = new PassTrace(List.of(new TransactionTrace(List.of(statement))), 0, true, null);
            Finding finding = new Finding(Judgement.BLOCKING, false, "It locked items.", "create index x", null, null,
                    null, 0, "runInTransaction: false", number % 3 == 1 ? "because" : null);
            traces.add(new ChangesetTrace(changeSet, Set.of("public.items"), pass, pass, List.of(), List.of(),
                    number % 3 == 2 ? List.of() : List.of(finding), null));
            sql.put(changeSet.toString(false), "begin;\n" + "select 1;\n".repeat(number * 3) + "commit;");
        }
        Trace trace = new Trace("17.11", "made-up rows", traces, Map.of(), null);
        return new Review("a page", "./supportdb review", (command, words) -> "./supportdb " + command,
                Review.Rows.GENERATED, true, null, trace, changelog, new ChangesetSql(sql, sql));
    }

    @ParameterizedTest
    @ValueSource(strings = {"light", "dark"})
    void the_page_is_readable_and_without_an_error_in_both_modes(String scheme) throws Exception {
        browser.show("screen", scheme);
        browser.open(page);

        assertThat(browser.complaints()).isEmpty();
        assertThat((List<?>) browser.evaluate(CONTRASTS)).isEmpty();
        assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
                .isEqualTo(scheme.equals("light") ? "rgb(251, 251, 250)" : "rgb(20, 23, 26)");
        assertThat(browser.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                .as("nothing is cut off").isEqualTo(true);
    }

    @Test
    void an_error_on_the_page_would_be_noticed() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.html"), "<script>nothing()</script><p>x");
        try (Chromium other = new Chromium(Files.createDirectory(folder.resolve("other")))) {
            other.open(broken);
            assertThat(other.complaints()).isNotEmpty();
            other.evaluate("document.querySelector('p').style.color = 'rgb(240, 240, 240)'");
            assertThat((List<?>) other.evaluate(CONTRASTS)).hasSize(1);
        }
    }

    @Test
    void every_link_fold_and_box_is_reached_and_used_by_keyboard() throws Exception {
        browser.show("screen", "light");
        browser.open(page);
        browser.evaluate("[...document.querySelectorAll('a,summary,input')].forEach((e, i) => e.dataset.n = i)");
        Set<String> wanted = new TreeSet<>(strings(browser.evaluate(
                "[...document.querySelectorAll('a,summary,input:enabled')].map(e => e.dataset.n)")));
        Set<String> used = new TreeSet<>();
        int keys = (int) browser.evaluate("3 * document.querySelectorAll('a,summary,input,[tabindex]').length");

        for (int i = 0; i < keys && used.size() < wanted.size(); i++) {
            browser.press("Tab", 9, null);
            String at = String.valueOf(browser.evaluate("(window.at = document.activeElement).dataset.n || ''"));
            if (!at.isEmpty() && used.add(at)) {
                use();
            }
        }

        assertThat(wanted).hasSizeGreaterThan(40);
        assertThat(used).containsExactlyInAnyOrderElementsOf(wanted);
    }

    /** Presses what works it, looks that it did, and comes back to it. */
    private void use() throws Exception {
        String kind = String.valueOf(browser.evaluate("at.tagName.toLowerCase()"));
        switch (kind) {
            case "summary" -> {
                Object open = browser.evaluate("at.parentElement.open");
                browser.press("Enter", 13, "\\r");
                assertThat(browser.evaluate("at.parentElement.open")).isNotEqualTo(open);
                browser.press("Enter", 13, "\\r");
            }
            case "input" -> {
                browser.press(" ", 32, " ");
                assertThat(browser.evaluate("at.checked")).isEqualTo(true);
            }
            default -> {
                browser.press("Enter", 13, "\\r");
                assertThat(browser.evaluate("location.hash")).isEqualTo(browser.evaluate("at.getAttribute('href')"));
                assertThat(browser.evaluate("document.querySelector(':target') != null")).isEqualTo(true);
                browser.evaluate("at.focus()");
            }
        }
    }

    @Test
    void a_screen_reader_finds_a_name_for_everything() throws Exception {
        browser.show("screen", "light");
        browser.open(page);

        List<?> nodes = (List<?>) browser.call("Accessibility.getFullAXTree", "{}").get("nodes");
        List<String> named = new ArrayList<>();
        List<String> nameless = new ArrayList<>();
        for (Object node : nodes) {
            String role = value(node, "role");
            if (Set.of("link", "checkbox", "heading", "region", "article", "group", "DisclosureTriangle", "table")
                    .contains(role) && ((Map<?, ?>) node).get("ignored").equals(false)) {
                (value(node, "name").isBlank() && !role.equals("group") ? nameless : named).add(role);
            }
        }

        assertThat(nameless).isEmpty();
        assertThat(named).contains("link", "checkbox", "heading", "region", "article", "DisclosureTriangle");
        assertThat(browser.evaluate("document.documentElement.lang")).isEqualTo("en");
    }

    private static String value(Object node, String name) {
        return ((Map<?, ?>) node).get(name) instanceof Map<?, ?> value ? String.valueOf(value.get("value")) : "";
    }

    @Test
    void on_paper_nothing_is_folded_away() throws Exception {
        String hidden = "[...document.querySelectorAll('details:not([open])')].filter(e => "
                + "e.offsetHeight < e.querySelector('summary').offsetHeight + 10).length";
        browser.show("screen", "light");
        browser.open(page);
        assertThat((int) browser.evaluate(hidden)).isPositive();

        browser.show("print", "light");

        assertThat(browser.evaluate(hidden)).isEqualTo(0);
        assertThat(String.valueOf(browser.call("Page.printToPDF", "{}").get("data"))).hasSizeGreaterThan(10_000);
    }

    private static List<String> strings(Object list) {
        return ((List<?>) list).stream().map(String::valueOf).toList();
    }
}
