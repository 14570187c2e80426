package dev.supportdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.supportdb.CommentForge.Comment;
import dev.supportdb.CommentForge.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A review is one comment of its pull request, however often it is written, and whatever the forge answers meanwhile. */
final class ReviewCommentTest {

    private static final String MARKER = "<!-- review of the migrations -->";
    private static final String INSTEAD = "This changes no migration any more.";

    @TempDir
    private Path folder;
    private Path review;
    private CommentForge forge;

    /** The exit code and the output of the script. */
    private record Run(int exitCode, String output) {}

    @BeforeEach
    void start() throws IOException {
        for (String program : List.of("bash", "curl", "jq")) {
            assumeThat(Path.of("/usr/bin", program)).as("to run .ci/comment").exists();
        }
        forge = new CommentForge(folder);
        review = folder.resolve("review.md");
        Files.writeString(review, "## ✅ Nothing to decide\n");
    }

    @AfterEach
    void stop() {
        if (forge != null) {
            forge.close();
        }
    }

    private Run comment(Map<String, String> variables) throws IOException, InterruptedException {
        Process process = start(variables);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private Process start(Map<String, String> variables) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(".ci/comment", review.toString(), INSTEAD).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("GITHUB_") || name.startsWith("CI_"));
        builder.environment().putAll(variables);
        return builder.start();
    }

    private Run comment() throws IOException, InterruptedException {
        return comment(forge.asGitHub());
    }

    private void hasMany() {
        for (int i = 0; i < 7; i++) {
            forge.has("somebody", "Comment " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_first_review_makes_a_comment_and_the_next_ones_change_it(boolean github) throws Exception {
        Map<String, String> variables = github ? forge.asGitHub() : forge.asGitLab();
        hasMany();

        Run first = comment(variables);
        Files.writeString(review, "## ❌ 1 of 2 changesets needs a decision\n");
        Run second = comment(variables);

        assertThat(first.exitCode()).as(first.output()).isZero();
        assertThat(second.exitCode()).as(second.output()).isZero();
        assertThat(forge.comments()).hasSize(8);
        Comment comment = forge.comments().get(7);
        assertThat(comment.body()).startsWith(MARKER + "\n## ❌ 1 of 2 changesets needs a decision\n")
                .contains("](https://forge.example/");
        assertThat(comment.changes()).isEqualTo(1);
        assertThat(first.output() + second.output()).doesNotContain(CommentForge.TOKEN);
    }

    @Test
    void a_comment_of_somebody_else_stays_though_it_looks_like_ours() throws Exception {
        forge.has("somebody", MARKER + "\nApproved.");

        assertThat(comment().exitCode()).isZero();

        assertThat(forge.comments()).hasSize(2).first().extracting(Comment::changes).isEqualTo(0);
    }

    @Test
    void without_a_review_the_comment_says_why_and_none_is_made() throws Exception {
        Files.delete(review);
        Run none = comment();
        assertThat(none.exitCode()).as(none.output()).isZero();
        assertThat(forge.comments()).isEmpty();

        forge.has(CommentForge.BOT, MARKER + "\nof yesterday");
        assertThat(comment().exitCode()).isZero();

        assertThat(forge.comments()).singleElement().extracting(Comment::body).asString()
                .startsWith(MARKER + "\n" + INSTEAD).doesNotContain("yesterday");
    }

    @Test
    void a_commit_that_no_open_pull_request_has_any_more_gets_no_comment() throws Exception {
        Path event = Path.of(forge.asGitHub().get("GITHUB_EVENT_PATH"));
        Files.writeString(event, Files.readString(event).replace("c0ffee", "0verwritten"));

        Run run = comment();

        assertThat(run.output()).contains("No open pull request is at this commit.");
        assertThat(run.exitCode()).isZero();
        assertThat(forge.requests()).containsExactly("GET /repos/our/project/pulls");
    }

    /** The limit is 65,536 characters, whatever bytes they need. */
    @Test
    void a_review_that_is_too_long_is_cut_at_a_line_and_what_is_open_is_closed() throws Exception {
        Files.writeString(review, "## ❌ long\n\n<details><summary>SQL</summary>\n\n````sql\n"
                + "select '😀ü';\n```\n".repeat(9000) + "````\n</details>\n");

        Run run = comment();

        assertThat(run.exitCode()).as(run.output()).isZero();
        String body = forge.comments().get(0).body();
        assertThat(body.codePointCount(0, body.length())).isBetween(65_300, 65_536);
        assertThat(body).containsPattern("(?:select '😀ü';|```)\n````\n</details>\n\nThere is no place here for the rest.\n\n"
                + "\\[The run, .*]\\(https://forge.example/runs/1\\)\n$");
    }

    @Test
    void a_review_that_just_fits_is_whole_and_gives_no_commands() throws Exception {
        Files.writeString(review, "x".repeat(65_000) + "\n/merge\n /close\n/* a comment */\n");

        assertThat(comment().exitCode()).isZero();

        assertThat(forge.comments().get(0).body()).contains("x\n\\/merge\n \\/close\n/* a comment */\n")
                .doesNotContain("no place");
    }

    @Test
    void a_temporary_failure_is_retried_after_the_requested_pause() throws Exception {
        forge.answers(Fault.of("GET", 502), Fault.of("GET", 429, "Retry-After", "1"),
                new Fault("GET", 403, Map.of("x-ratelimit-remaining", "0", "x-ratelimit-reset",
                        Long.toString(Instant.now().getEpochSecond() + 2)), false));

        Run run = comment();

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).contains("The answer was 502. Trying again in 1 s.",
                "The answer was 429. Trying again in 1 s.", "The answer was 403. Trying again in ");
        assertThat(forge.comments()).hasSize(1);
    }

    @Test
    void a_comment_whose_answer_was_lost_is_not_made_twice() throws Exception {
        forge.answers(new Fault("POST", 504, Map.of(), true));

        Run run = comment();

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(forge.comments()).singleElement().extracting(Comment::changes).isEqualTo(1);
    }

    /** Both forges say when they were asked too often; GitHub not always until when, and then means a minute. */
    @ParameterizedTest
    @CsvSource({"403, You have exceeded a secondary rate limit. Please wait a few minutes.", "429, Too many requests"})
    void a_limit_without_a_time_is_waited_for_a_minute(int status, String message) throws Exception {
        forge.answers(new Fault("GET", status, Map.of("x-ratelimit-remaining", "4999"), false, message));

        Process process = start(forge.asGitHub());
        try (BufferedReader output = process.inputReader()) {
            assertThat(output.readLine()).isEqualTo("The answer was %d. Trying again in 60 s.".formatted(status));
        } finally {
            process.destroy();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_comment_that_somebody_deletes_meanwhile_is_made_again(boolean github) throws Exception {
        Map<String, String> variables = github ? forge.asGitHub() : forge.asGitLab();
        comment(variables);
        forge.deletesBeforeTheNextChange();

        Run run = comment(variables);

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).contains("The answer was 404. Trying again in 1 s.");
        assertThat(forge.comments()).singleElement().extracting(Comment::body).asString().startsWith(MARKER);
    }

    /** The token of a fork's pull request may only read, and so may that of an organisation that grants no more. */
    @Test
    void a_token_that_may_only_read_makes_no_comment_and_says_so() throws Exception {
        forge.answers(new Fault("POST", 403, Map.of("x-ratelimit-remaining", "4999"), false,
                "Resource not accessible by integration"));

        Run run = comment();

        assertThat(run.output()).contains("The forge refused it with 403: Resource not accessible by integration");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(forge.comments()).isEmpty();
    }

    /** A note, too, must not be longer than the forge accepts, whatever bytes its letters need. */
    @Test
    void a_note_that_is_too_long_is_cut_though_it_is_one_line() throws Exception {
        Files.writeString(review, "## ❌ long\n\n" + "😀".repeat(999_990) + "\n");

        Run run = comment(forge.asGitLab());

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(forge.comments()).singleElement().extracting(Comment::body).asString()
                .contains("## ❌ long", "There is no place here for the rest.").doesNotContain("😀");
    }

    @Test
    void a_refusal_of_the_forge_is_reported_and_not_retried() throws Exception {
        forge.answers(Fault.of("POST", 403));
        Run run = comment();
        assertThat(run.output()).contains("The forge refused it with 403: of the fault");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(forge.requests()).filteredOn(request -> request.startsWith("POST")).hasSize(1);

        forge.answers(Fault.of("GET", 429, "Retry-After", "86400"));
        Run tired = comment();
        assertThat(tired.output()).contains("The forge asks for a pause of 86400 s: run this job again after it.");
        assertThat(tired.exitCode()).isEqualTo(1);
    }

    @Test
    void a_link_is_not_followed() throws Exception {
        Files.delete(review);
        Files.createSymbolicLink(review, Files.writeString(folder.resolve("other"), "secret"));

        Run run = comment();

        assertThat(run.output()).contains("is a link");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(forge.comments()).isEmpty();
    }

    @Test
    void outside_of_a_run_it_says_so() throws Exception {
        Run run = comment(Map.of());

        assertThat(run.output()).contains("This is neither a run of GitHub nor one of GitLab");
        assertThat(run.exitCode()).isEqualTo(1);
    }
}
