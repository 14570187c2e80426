package dev.supportdb.support;

import dev.supportdb.changelog.Changelog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import liquibase.exception.LiquibaseException;

/**
 * A changelog of several branches, written by a test into a folder of its own. Each feature has a tag and makes a table
 * of its title.
 */
public final class ChangelogFolder {

    /** The path of the master, from the folder. */
    public static final String MASTER = "changelog/master.yaml";

    private final Path root;
    private final List<String> includes = new ArrayList<>();

    public ChangelogFolder(Path root) {
        this.root = root;
    }

    /**
     * Adds a feature at the end.
     *
     * @param id    {@code crm/020_preferences}
     * @param needs ids of the features whose table must be there
     */
    public ChangelogFolder feature(String id, String... needs) {
        return add(id, "HALT", needs);
    }

    /** Adds a feature that is deferred while its dependencies are missing. */
    public ChangelogFolder waiting(String id, String... needs) {
        return add(id, "CONTINUE", needs);
    }

    private ChangelogFolder add(String id, String onFail, String... needs) {
        String condition = needs.length == 0 ? "" : """
                preConditions:
                  - onFail: %s
                  - onFailMessage: %s waits for %s
                """.formatted(onFail, id, String.join(", ", needs))
                + Arrays.stream(needs).map(ChangelogFolder::executed).collect(Collectors.joining());
        String changeSets = """
                databaseChangeLog:
                  - logicalFilePath: changelog/%1$s.yaml
                  - changeSet:
                      id: "%2$s-01-tag_before"
                      author: test
                      comment: Tag the state before this feature
                %4$s      changes:
                        - tagDatabase: {tag: before-%2$s, keepTagOnRollback: true}
                      rollback: []
                  - changeSet:
                      id: "%2$s-02-create_%3$s"
                      author: test
                      comment: Create table %3$s
                %4$s      changes:
                        - sql: create table %3$s (id int)
                      rollback:
                        - sql: drop table %3$s
                """.formatted(id, name(id), table(id), condition.indent(6));
        write("changelog/%s.yaml".formatted(id), "# What %s is for.\n".formatted(table(id)) + changeSets);
        return include("{file: %s.yaml, relativeToChangelogFile: true, labels: %s}".formatted(id, branch(id)));
    }

    private static String executed(String id) {
        return """
                  - changeSetExecuted:
                      id: "%s-02-create_%s"
                      author: test
                      changeLogFile: changelog/%s.yaml
                """.formatted(name(id), table(id), id);
    }

    /** Adds an include as it is given; its file is for {@link #write}. */
    public ChangelogFolder include(String include) {
        includes.add("  - include: " + include + "\n");
        write(MASTER, "databaseChangeLog:\n  - logicalFilePath: " + MASTER + "\n"
                + "  - property: {name: supportdb.schema, value: public}\n" + String.join("", includes));
        return this;
    }

    public ChangelogFolder write(String path, String text) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public Changelog read() throws LiquibaseException {
        return Changelog.read(root, MASTER, Map.of());
    }

    private static String branch(String id) {
        return id.substring(0, id.indexOf('/'));
    }

    private static String name(String id) {
        return id.substring(id.indexOf('/') + 1);
    }

    private static String table(String id) {
        return name(id).replaceFirst("^\\d+_", "");
    }
}
