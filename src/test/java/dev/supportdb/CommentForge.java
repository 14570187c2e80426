package dev.supportdb;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.supportdb.postgres.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * A server that answers as the interfaces of GitHub and of GitLab do for what {@code .ci/comment} asks of them: the requests
 * of a branch, comments by pages of three, a comment that is made or changed, and what goes wrong.
 */
final class CommentForge implements AutoCloseable {

    static final String TOKEN = "secret-of-the-job";
    static final String BOT = "github-actions[bot]";

    private static final int PAGE = 3;

    /** A comment, and how often it was changed. */
    record Comment(int id, String author, String body, int changes) {}

    /** An answer in place of the real one, after the request was obeyed or not. */
    record Fault(String method, int status, Map<String, String> headers, boolean obeyed, String message) {

        Fault(String method, int status, Map<String, String> headers, boolean obeyed) {
            this(method, status, headers, obeyed, "of the fault");
        }

        static Fault of(String method, int status, String... headers) {
            return new Fault(method, status, headers.length == 0 ? Map.of() : Map.of(headers[0], headers[1]), false);
        }
    }

    private final HttpServer server;
    private final List<Comment> comments = new ArrayList<>();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private final List<String> requests = new ArrayList<>();
    private final Path event;
    private boolean deletes;

    CommentForge(Path folder) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        event = folder.resolve("event.json");
        Files.writeString(event, Json.of(Map.of("workflow_run", Map.of("head_branch", "add language & more",
                "head_sha", "c0ffee", "head_repository", Map.of("owner", Map.of("login", "somebody")),
                "html_url", "https://forge.example/runs/1"))));
    }

    void has(String author, String body) {
        comments.add(new Comment(comments.size() + 100, author, body, 0));
    }

    void answers(Fault... next) {
        faults.addAll(List.of(next));
    }

    /** Deletes all comments just before the next change of one. */
    void deletesBeforeTheNextChange() {
        deletes = true;
    }

    List<Comment> comments() {
        return comments;
    }

    /** Returns the requests as {@code GET /path}, in their order. */
    List<String> requests() {
        return requests;
    }

    /** The variables that GitHub sets for a job that another run has started. */
    Map<String, String> asGitHub() {
        return Map.of("GITHUB_EVENT_PATH", event.toString(), "GITHUB_API_URL", url(), "GITHUB_REPOSITORY", "our/project",
                "GITHUB_TOKEN", TOKEN);
    }

    /** The variables that GitLab sets for a job of a merge request. */
    Map<String, String> asGitLab() {
        return Map.of("CI_MERGE_REQUEST_IID", "7", "CI_API_V4_URL", url(), "CI_PROJECT_ID", "42", "REVIEW_TOKEN", TOKEN,
                "CI_PIPELINE_URL", "https://forge.example/pipelines/1");
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String method = exchange.getRequestMethod();
            requests.add(method + " " + path);
            String text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            Fault fault = !faults.isEmpty() && faults.peek().method().equals(method) ? faults.remove() : null;
            Object answer = Map.of("message", fault == null ? "" : fault.message());
            int status = fault == null ? 200 : fault.status();
            if (fault != null) {
                fault.headers().forEach(exchange.getResponseHeaders()::add);
            }
            if (fault == null || fault.obeyed()) {
                boolean isGithub = path.startsWith("/repos/");
                boolean known = (isGithub ? "Bearer " + TOKEN : TOKEN).equals(exchange.getRequestHeaders()
                        .getFirst(isGithub ? "Authorization" : "PRIVATE-TOKEN"));
                answer = !known ? null : obey(method, path, text, exchange);
                if (answer == null) {
                    status = known ? 404 : 401;
                    answer = Map.of("message", known ? "Not Found" : "Bad credentials");
                } else if (answer instanceof String refusal) {
                    status = 422;
                    answer = Map.of("message", refusal);
                }
            }
            byte[] bytes = Json.of(answer).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /** What is there, or was made; null for nothing, a text for what is refused. */
    private Object obey(String method, String path, String text, HttpExchange exchange) {
        String body = text.isEmpty() ? "" : (String) new Yaml(new SafeConstructor(new LoaderOptions()))
                .<Map<String, Object>>load(text).get("body");
        boolean github = path.startsWith("/repos/");
        if (body.codePointCount(0, body.length()) > (github ? 65_536 : 1_000_000)) {
            return "Body is too long";
        }
        String list = github ? "/repos/our/project/issues/7/comments" : "/projects/42/merge_requests/7/notes";
        String one = (github ? "/repos/our/project/issues/comments" : list) + "/";
        if (method.equals("GET") && path.equals("/user")) {
            return Map.of("username", "review-bot");
        } else if (method.equals("GET") && path.equals("/repos/our/project/pulls")) {
            return "somebody:add language & more".equals(query(exchange).get("head"))
                    ? List.of(pull(6, "0ld"), pull(7, "c0ffee")) : List.of();
        } else if (method.equals("GET") && path.equals(list)) {
            return page(exchange, path);
        } else if (method.equals("POST") && path.equals(list)) {
            has(github ? BOT : "review-bot", body);
            return asMap(comments.get(comments.size() - 1));
        } else if (method.equals(github ? "PATCH" : "PUT") && path.startsWith(one)) {
            if (deletes) {
                comments.clear();
                deletes = false;
            }
            int index = comments.stream().map(Comment::id).toList()
                    .indexOf(Integer.valueOf(path.substring(one.length())));
            if (index < 0) {
                return null;
            }
            Comment old = comments.get(index);
            comments.set(index, new Comment(old.id(), old.author(), body, old.changes() + 1));
            return asMap(comments.get(index));
        }
        return null;
    }

    private static Map<String, Object> pull(int number, String sha) {
        return Map.of("number", number, "head", Map.of("sha", sha));
    }

    private List<Map<String, Object>> page(HttpExchange exchange, String path) {
        int page = Integer.parseInt(query(exchange).getOrDefault("page", "1"));
        if (page * PAGE < comments.size()) {
            exchange.getResponseHeaders().add("Link", "<%s%s?page=1>; rel=\"first\", <%s%s?page=%d>; rel=\"next\""
                    .formatted(url(), path, url(), path, page + 1));
        }
        return comments.stream().skip((page - 1L) * PAGE).limit(PAGE).map(CommentForge::asMap).toList();
    }

    private static Map<String, Object> asMap(Comment comment) {
        Map<String, Object> map = new HashMap<>(Map.of("id", comment.id(), "body", comment.body()));
        map.put("user", Map.of("login", comment.author()));
        map.put("author", Map.of("username", comment.author()));
        return map;
    }

    private static Map<String, String> query(HttpExchange exchange) {
        return Stream.of(String.valueOf(exchange.getRequestURI().getRawQuery()).split("&"))
                .map(part -> part.split("=", 2)).collect(Collectors.toMap(part -> part[0],
                        part -> part.length < 2 ? "" : URLDecoder.decode(part[1], StandardCharsets.UTF_8)));
    }
}
