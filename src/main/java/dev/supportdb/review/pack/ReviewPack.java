package dev.supportdb.review.pack;

import dev.supportdb.postgres.Json;
import gg.jte.html.OwaspHtmlTemplateOutput;
import gg.jte.output.StringOutput;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;

/** The files of a review: a page for people, a comment for a pull request, and JSON for programs. */
public final class ReviewPack {

    /** The page for people, in the folder of a pack. */
    public static final String PAGE = "index.html";

    /** The JSON for programs. */
    public static final String JSON = "review.json";

    private static final String COMMENT = "review.md";

    private final ReviewPage page;

    /** Creates the pack of a review. */
    public ReviewPack(Review review) {
        this.page = new ReviewPage(review, ZonedDateTime.now(ZoneOffset.UTC));
    }

    /** The verdict in one sentence. */
    public String verdict() {
        return page.verdict();
    }

    /**
     * Writes {@code index.html}, {@code review.md} and {@code review.json} into a folder, which it creates if needed.
     */
    public void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(PAGE), html());
        Files.writeString(folder.resolve(COMMENT), ReviewComment.of(page));
        Files.writeString(folder.resolve(JSON), Json.of(ReviewJson.of(page)) + "\n");
    }

    /** Deletes the files of a pack in a folder, and the folder if nothing else is in it. */
    public static void delete(Path folder) throws IOException {
        for (String file : List.of(PAGE, COMMENT, JSON)) {
            Files.deleteIfExists(folder.resolve(file));
        }
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException others) {
            // The other files are not part of a pack, and stay.
        }
    }

    String html() {
        StringOutput html = new StringOutput();
        JteindexGenerated.render(new OwaspHtmlTemplateOutput(html), null, page);
        return html.toString();
    }
}
