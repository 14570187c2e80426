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
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.util.LiquibaseUtil;

/** What the full campaign came to, as a page of the documentation, written anew whenever a part of it is through. */
final class Report {

    private static final Path PAGE = Path.of("docs/reliability.md");

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
        DEPLOYERS("ten are started at the same moment, on an empty database and on one migrated half-way"),
        BLOCKER("a table that is needed is kept by an idle transaction or a report, while an application works"),
        WRITES("all is rolled back to before 002 after an application has written in the new shape"),
        POOLER("a connection pooler in transaction mode is in between");

        private final String what;

        Part(String what) {
            this.what = what;
        }
    }

    /** @param seen in words; empty where there is nothing to say */
    private record Result(int times, String seen) {}

    private static final Map<Part, Result> RESULTS = new EnumMap<>(Part.class);

    private Report() {
    }

    /** A part is through, with nothing wrong afterwards. */
    static void passed(Part part, int times, String seen) throws Exception {
        RESULTS.put(part, new Result(times, seen));
        if (Campaign.FULL) {
            Files.writeString(PAGE, page(ChaosServer.open()));
        }
    }

    private static String page(ChaosServer lab) throws IOException, SQLException {
        int times = RESULTS.values().stream().mapToInt(Result::times).sum();
        return text()
                .replace("{results}", Stream.of(Part.values()).map(Report::line).collect(Collectors.joining("\n")))
                .replace("{seed}", Long.toString(Campaign.SEED))
                .replace("{date}", LocalDate.now(ZoneOffset.UTC).toString())
                .replace("{rows}", Integer.toString(Campaign.TICKETS))
                .replace("{tickets}", format("%,d", Campaign.TICKETS))
                .replace("{few}", format("%,d", Campaign.FEW_TICKETS))
                .replace("{server}", lab.description())
                .replace("{client}", format("Liquibase %s, Java %s, %s, %d processors",
                        LiquibaseUtil.getBuildVersion(), System.getProperty("java.version"),
                        System.getProperty("os.name"), Runtime.getRuntime().availableProcessors()))
                .replace("{batch}", Integer.toString(Campaign.BATCH_MILLIS))
                .replace("{round}", Integer.toString(Campaign.ROUND))
                .replace("{times}", Integer.toString(times))
                // "If nothing goes wrong, is everything all right?" (Hanley and Lippman-Hand, 1983): the rule of three.
                .replace("{bound}", format("%.1f", 300.0 / times));
    }

    private static String line(Part part) {
        Result result = RESULTS.get(part);
        return result == null ? "| %s | | | not through |".formatted(part.what)
                : "| %s | %d | %s | nothing |".formatted(part.what, result.times(), result.seen());
    }

    private static String text() throws IOException {
        try (InputStream file = Report.class.getResourceAsStream("reliability.md")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
