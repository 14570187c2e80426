package dev.supportdb.lint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A changelog of a few lines, written into a project of its own on top of {@code base.yaml}: the changesets of a
 * feature, or whole files, each under its path.
 */
record RuleExample(Path project) {

    static final Path FOLDER = Path.of("src/test/resources/lint");

    /** A line to fill in, and below it two changes that move rows. */
    static final String UPDATE = """
            - changeSet:
                id: "002_ticket_language-02-clear_note"
                author: support-db
                comment: Clear note
                changes:
                  %s
                  - sql: update tickets set note = null
                  - sql: delete from tickets
                rollback:
                  - sql: select 1
            """;

    private static final String MASTER = "changelog/db.changelog-master.yaml";
    private static final String FEATURE = "changelog/main/002_ticket_language.yaml";
    private static final String HEAD = "databaseChangeLog:\n  - logicalFilePath: %s\n";
    private static final String INCLUDE = "  - include: {file: %s, relativeToChangelogFile: true, labels: main}\n";

    /** The number of lines before the feature's changesets. */
    static final int LINES_BEFORE = 2;

    static RuleExample of(Path project, String text) throws IOException {
        RuleExample example = new RuleExample(project);
        example.write("contexts/dev.properties", "contexts=dev");
        example.write("contexts/production.properties", "contexts=production");
        example.write("changelog/main/001_base.yaml", Files.readString(FOLDER.resolve("base.yaml")));
        if (text.startsWith("# changelog/")) {
            example.master("main/" + name(text.lines().findFirst().orElseThrow()));
            for (String file : text.split("---\n")) {
                example.write(file.substring(2, file.indexOf('\n')), file);
            }
        } else {
            example.master("main/002_ticket_language.yaml");
            example.write(FEATURE, HEAD.formatted(FEATURE) + text.indent(2));
        }
        return example;
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Writes a master that the example may replace. */
    private void master(String feature) throws IOException {
        write(MASTER, HEAD.formatted(MASTER) + INCLUDE.formatted("main/001_base.yaml") + INCLUDE.formatted(feature));
    }

    private void write(String path, String text) throws IOException {
        Path file = project.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    List<Finding> findings() throws IOException {
        return new Linter(project).findings();
    }
}
