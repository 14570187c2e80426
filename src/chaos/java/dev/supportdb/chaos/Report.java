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

/** What a campaign came to, as a page of the documentation, written anew whenever a part of it is through. */
final class Report {

    /** What is done to migrations. */
    enum Part {
        KILL("the migrator is killed (SIGKILL) in a backfill"),
        CRASH("the server is stopped immediately (SIGQUIT) in a backfill, and started again"),
        LOST_REPLY("the connection is cut when the server has committed a batch and has not said so yet"),
        KILL_AT_ANY_TIME("the migrator is killed (SIGKILL) at any time of all of an update, or of a rollback"),
        CRASH_AT_ANY_TIME("the server is killed (SIGKILL) or stopped immediately at any such time, and started again"),
        TERMINATE("a session of the migrator is terminated (`pg_terminate_backend`) at any such time"),
        HISTORY_ROW("the session ends when a changeset's row is written and not committed, or committed and not known"),
        INDEX("the migrator is killed, terminated or cancelled in a phase of building or dropping an index"),
        TIMEOUT("batches run into their statement timeout"),
        FULL_DISK("the table can grow no further"),
        CANCEL("a backfill is cancelled while it is held, writes, rests, is paused; when it is finished"),
        PAUSE("a backfill is paused and told to go on, likewise"),
        DEPLOYERS("several are started at the same moment, on an empty database and on one migrated half-way"),
        BLOCKER("a table that is needed is kept by an idle transaction or a report, while an application works"),
        WRITES("all is rolled back to before 002 after an application has written in the new shape"),
        POOLER("a connection pooler in transaction mode is in between");

        private final String what;

        Part(String what) {
            this.what = what;
        }
    }

    /**
     * A part is through, with nothing wrong afterwards.
     *
     * @param seen in words
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
                .replace("{bound}", format("%.1f", 300.0 / times));
    }

    private String line(Part part) {
        Result result = results.get(part);
        return result == null ? "| %s | | | not through |".formatted(part.what)
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
