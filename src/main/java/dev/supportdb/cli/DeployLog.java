package dev.supportdb.cli;

import dev.supportdb.deploy.Deploy;
import dev.supportdb.deploy.DeployEvent;
import dev.supportdb.postgres.ChildProgram;
import dev.supportdb.postgres.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The output of a deployment: lines for people on the terminal, JSON lines in {@code logs/migration_<time>.log}, and
 * messages to a command that notifies the team.
 */
final class DeployLog implements Deploy.Observer, AutoCloseable {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss");

    private final Path file;
    private final Writer writer;
    private final String notify;

    /** @param notify a shell command that gets a message as JSON on its standard input; empty for none */
    DeployLog(Path folder, String notify) throws IOException {
        Files.createDirectories(folder);
        file = folder.resolve("migration_%s.log".formatted(TIME.format(LocalDateTime.now())));
        if (!Files.exists(file)) {
            Files.createFile(file,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        writer = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
        this.notify = notify;
    }

    Path file() {
        return file;
    }

    @Override
    public void say(String line) {
        System.out.println(line);
        event(new DeployEvent.Line(line.strip()));
    }

    @Override
    public synchronized void event(DeployEvent event) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS));
        all.put("event", event.name());
        all.putAll(Json.components((Record) event));
        try {
            writer.write(Json.of(all) + "\n");
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("The log %s cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }

    @Override
    public boolean confirm(String question) throws IOException {
        System.out.print(question);
        System.out.flush();
        String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        event(new DeployEvent.Answer(answer == null ? "" : answer));
        return answer != null && answer.strip().equalsIgnoreCase("yes");
    }

    /** Notifies the team. If the command fails, only its message is lost. */
    void notifyTeam(String event, Map<String, Object> more) {
        if (notify.isBlank()) {
            return;
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("event", event);
        message.putAll(more);
        try {
            ChildProgram.run(List.of("sh", "-c", "printf '%s\\n' \"$SUPPORTDB_MESSAGE\" | { " + notify + "\n}"),
                    Map.of("SUPPORTDB_MESSAGE", Json.of(message)));
        } catch (IOException e) {
            say("          --notify failed: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
