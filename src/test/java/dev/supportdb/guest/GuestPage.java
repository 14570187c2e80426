package dev.supportdb.guest;

import dev.supportdb.support.DocumentationPage;
import java.io.IOException;
import java.util.List;

/** The page "Run it from your application", by its blocks. */
final class GuestPage {

    private GuestPage() {}

    static String text() throws IOException {
        return page().text();
    }

    static List<String> languages() throws IOException {
        return page().blocks().stream().map(DocumentationPage.Block::language).toList();
    }

    /** The first block of a language after a heading. */
    static String block(String heading, String language) throws IOException {
        return page().from("\n## " + heading + "\n").blocks().stream()
                .filter(block -> block.language().equals(language)).findFirst().orElseThrow().text();
    }

    /** Removes from a database what is left of this project, once its jar is gone. */
    static String afterLeaving() throws IOException {
        return block("Leave again", "sql");
    }

    private static DocumentationPage page() throws IOException {
        return DocumentationPage.of("docs/from-your-application.md");
    }
}
