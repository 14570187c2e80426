package dev.supportdb.review.pack;

import dev.supportdb.support.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** A headless browser with one page, spoken to by its own protocol. */
final class Chromium implements AutoCloseable {

    private static final int SECONDS = 60;

    private final Process process;
    private final WebSocket socket;
    private final BlockingQueue<Map<String, Object>> received = new LinkedBlockingQueue<>();
    private final List<String> complaints = new ArrayList<>();
    private int count;

    /** The path of the browser on this machine; null if there is none. */
    static String program() {
        return Stream.of(System.getenv("PATH").split(":")).flatMap(folder ->
                        Stream.of("chromium", "chromium-browser", "google-chrome").map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable).map(Path::toString).findFirst().orElse(null);
    }

    /** @param folder for its own files, empty */
    Chromium(Path folder) throws Exception {
        process = new ProcessBuilder(program(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--remote-debugging-port=0", "--no-first-run", "--user-data-dir=" + folder, "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            Path port = folder.resolve("DevToolsActivePort");
            Eventually.until(() -> port.toFile().length() > 0, () -> "The browser did not start");
            HttpClient client = HttpClient.newHttpClient();
            String pages = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:%s/json"
                    .formatted(Files.readAllLines(port).get(0)))).build(), HttpResponse.BodyHandlers.ofString()).body();
            Matcher page = Pattern.compile("\"webSocketDebuggerUrl\": *\"(ws://[^\"]+/page/[^\"]+)\"").matcher(pages);
            if (!page.find()) {
                throw new IOException("The browser has no page: " + pages);
            }
            socket = client.newWebSocketBuilder().buildAsync(URI.create(page.group(1)), new Messages()).join();
            for (String what : List.of("Page", "Runtime", "Log", "Accessibility")) {
                call(what + ".enable", "{}");
            }
        } catch (Exception | AssertionError e) {
            end();
            throw e;
        }
    }

    private final class Messages implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                LoaderOptions options = new LoaderOptions();
                options.setCodePointLimit(Integer.MAX_VALUE);
                Map<String, Object> message = new Yaml(options).load(text.toString());
                received.add(message);
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    /** @param parameters as JSON */
    @SuppressWarnings("unchecked")
    Map<String, Object> call(String method, String parameters) throws Exception {
        int id = ++count;
        socket.sendText("{\"id\": %d, \"method\": \"%s\", \"params\": %s}".formatted(id, method, parameters), true).join();
        while (true) {
            Map<String, Object> message = received.poll(SECONDS, TimeUnit.SECONDS);
            if (message == null) {
                throw new IOException("No answer to " + method);
            }
            if (message.get("id") instanceof Integer answered && answered == id) {
                if (message.containsKey("error")) {
                    throw new IOException(method + ": " + message.get("error"));
                }
                return (Map<String, Object>) message.get("result");
            }
            if (List.of("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
                    .contains(String.valueOf(message.get("method")))) {
                complaints.add(message.toString());
            }
        }
    }

    void open(Path page) throws Exception {
        call("Page.navigate", "{\"url\": \"%s\"}".formatted(page.toUri()));
        for (int i = 0; !"complete".equals(evaluate("document.readyState")); i++) {
            if (i == SECONDS * 20) {
                throw new IOException(page + " does not load");
            }
            Thread.sleep(50);
        }
    }

    /** The value of an expression that has no double quotes. */
    Object evaluate(String expression) throws Exception {
        Map<String, Object> answer = call("Runtime.evaluate", "{\"returnByValue\": true, \"expression\": \"%s\"}"
                .formatted(expression.replace("\\", "\\\\").replaceAll("\\s*\n\\s*", " ")));
        if (answer.containsKey("exceptionDetails")) {
            throw new IOException(answer.toString());
        }
        return ((Map<?, ?>) answer.get("result")).get("value");
    }

    /** Presses a key and lets it go. */
    void press(String key, int code, String text) throws Exception {
        String event = "\"key\": \"%s\", \"code\": \"%s\", \"windowsVirtualKeyCode\": %d".formatted(key, key, code);
        call("Input.dispatchKeyEvent", "{\"type\": \"keyDown\", %s%s}".formatted(event,
                text == null ? "" : ", \"text\": \"" + text + "\""));
        call("Input.dispatchKeyEvent", "{\"type\": \"keyUp\", %s}".formatted(event));
    }

    /** @param medium screen or print */
    void show(String medium, String scheme) throws Exception {
        call("Emulation.setEmulatedMedia", ("{\"media\": \"%s\", \"features\": [{\"name\": \"prefers-color-scheme\", "
                + "\"value\": \"%s\"}]}").formatted(medium, scheme));
    }

    /** The messages on the browser's console. */
    List<String> complaints() {
        return complaints;
    }

    @Override
    public void close() {
        socket.abort();
        end();
    }

    private void end() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
    }
}
