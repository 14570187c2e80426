package dev.supportdb.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.util.LiquibaseUtil;

/** Writes the results of a campaign as a page of the documentation, again after each part. */
final class Report {

    /** The kinds of faults and conditions that are tried. */
    enum Part {
        KILL("the migrator is killed (SIGKILL) in a backfill"),
        CRASH("the server is stopped immediately (SIGQUIT) in a backfill, and started again"),
        LOST_REPLY("the connection is cut after the server has committed a batch, before the client knows"),
        KILL_AT_ANY_TIME("the migrator is killed (SIGKILL) at any time during a whole update or a whole rollback"),
        CRASH_AT_ANY_TIME("the server is killed (SIGKILL) or stopped immediately at any such time, and started again"),
        TERMINATE("a session of the migrator is terminated (`pg_terminate_backend`) at any such time"),
        HISTORY_ROW("the session ends after a changeset's row is written and before it is committed, or after "
                + "the commit and before the client knows"),
        INDEX("the migrator is killed, terminated or cancelled in each phase of an index build or drop"),
        TIMEOUT("batches run into their statement timeout"),
        FULL_DISK("the disk is full: a table cannot grow any more"),
        CANCEL("a backfill is cancelled while it is throttled, writes, pauses between batches or is "
                + "paused; and when it is finished"),
        PAUSE("a backfill is paused and resumed at the same moments"),
        DEPLOYERS("several updates are started at the same moment, on an empty database and on one that is "
                + "half migrated"),
        BLOCKER("an idle transaction or a report holds a lock on a table that the run needs, while an "
                + "application works"),
        WRITES("everything is rolled back to before 002 after an application has written in the new schema"),
        OTHERS("other people's objects are on columns and tables that are replaced or dropped; in every "
                + "other run the session is terminated"),
        POOLER("the run connects through a pooler in transaction mode"),
        PROMOTION("the server is stopped immediately and its standby promoted; the old primary follows by `pg_rewind`"),
        FLEET("`fleet update` of as many databases on one server: one is broken, one ahead, one locked, one empty, one of "
                + "another kind, one not there, two are killed half-way; the same command again");

        private final String what;

        Part(String what) {
            this.what = what;
        }
    }

    /**
     * The result of a part that found nothing wrong.
     *
     * @param seen what was observed, in words
     */
    record Result(Part part, int times, String seen) {

        static List<Result> of(Part part, int times, String seen) {
            return List.of(new Result(part, times, seen));
        }
    }

    private final ChaosServer lab;
    private final Campaign campaign;
    private final Path page;
    private final Map<Part, Result> results = new EnumMap<>(Part.class);

    Report(ChaosServer lab, Path page) {
        this.lab = lab;
        this.campaign = lab.campaign();
        this.page = page;
    }

    void add(List<Result> more) throws IOException, SQLException {
        more.forEach(result -> results.put(result.part(), result));
        Files.createDirectories(page.getParent());
        Files.writeString(page, text());
    }

    private String text() throws IOException, SQLException {
        int times = results.values().stream().mapToInt(Result::times).sum();
        return template()
                .replace("{results}", Stream.of(Part.values()).map(this::line).collect(Collectors.joining("\n")))
                .replace("{seed}", Long.toString(campaign.seed()))
                .replace("{date}", LocalDate.now(ZoneOffset.UTC).toString())
                .replace("{command}", campaign.command())
                .replace("{tickets}", format("%,d", campaign.tickets()))
                .replace("{few}", format("%,d", campaign.fewTickets()))
                .replace("{server}", lab.description())
                .replace("{client}", format("Liquibase %s, Java %s, %s, %d processors",
                        LiquibaseUtil.getBuildVersion(), System.getProperty("java.version"),
                        System.getProperty("os.name"), Runtime.getRuntime().availableProcessors()))
                .replace("{batch}", Integer.toString(campaign.batchMillis()))
                .replace("{round}", Integer.toString(Campaign.ROUND))
                .replace("{times}", Integer.toString(times))
                // "If nothing goes wrong, is everything all right?" (Hanley and Lippman-Hand, 1983): the rule of three.
                .replace("{bound}", format("%.1f", Math.ceil(3000.0 / times) / 10));
    }

    private String line(Part part) {
        Result result = results.get(part);
        return result == null ? "| %s | | | not run |".formatted(part.what)
                : "| %s | %d | %s | nothing |".formatted(part.what, result.times(), result.seen());
    }

    private static String template() throws IOException {
        try (InputStream file = Report.class.getResourceAsStream("reliability.md")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
