package dev.supportdb.lint;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.SqlStatement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All changelogs of a project: {@code changelog/*.changelog-master.yaml} and the files they include.
 *
 * @param root       the folder that contains {@code changelog}
 * @param sources    the files in the order of deployment
 * @param includes   every include of a feature
 * @param changelogs the changelogs as Liquibase parses them, one for each master
 * @param changesets in the order in which they run; none for a file that Liquibase cannot read
 */
record ChangelogProject(Path root, List<ChangelogFile> sources, List<Include> includes, List<Changelog> changelogs,
        List<ParsedChangeset> changesets) {

    private static final String FOLDER = "changelog";
    private static final Pattern MASTER = Pattern.compile(FOLDER + "/[^/]*changelog-master[.]yaml");

    /** The template of new features. */
    static final String TEMPLATE = FOLDER + "/template.yaml";

    /**
     * An include of a feature in a master.
     *
     * @param file the path of the feature from the project's root
     */
    record Include(ChangelogFile master, YamlElement element, String file) {

        String label() {
            return element.text("labels");
        }

        /** The three digits of the feature's number; empty if it has none, such as demo data. */
        String number() {
            String name = file.substring(file.lastIndexOf('/') + 1);
            return name.matches("\\d+_.*") ? name.substring(0, name.indexOf('_')) : "";
        }
    }

    /** @throws IOException if a file cannot be read */
    static ChangelogProject read(Path root) throws IOException {
        Map<String, ChangelogFile> sources = new LinkedHashMap<>();
        List<Include> includes = new ArrayList<>();
        List<String> masters = files(root).filter(MASTER.asMatchPredicate()).toList();
        for (String master : masters) {
            ChangelogFile source = ChangelogFile.read(root, master);
            sources.put(master, source);
            for (YamlElement include : source.items("include")) {
                String folder = include.text("relativeToChangelogFile").equals("true") ? FOLDER + "/" : "";
                Include found = new Include(source, include, folder + include.text("file"));
                includes.add(found);
                if (Files.exists(root.resolve(found.file()))) {
                    sources.putIfAbsent(found.file(), ChangelogFile.read(root, found.file()));
                }
            }
        }
        return new ChangelogProject(root, List.copyOf(sources.values()), includes, List.of(), List.of());
    }

    /** The same project, parsed by Liquibase. */
    ChangelogProject parsed() throws IOException, ChangelogParser.Refused {
        return new ChangelogParser(root, sources).parse(this);
    }

    /** All YAML and SQL files except the template: sorted paths from the project's root. */
    static Stream<String> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(FOLDER))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.matches(".*[.](ya?ml|sql)") && !file.equals(TEMPLATE))
                    .sorted().toList().stream();
        }
    }

    /** Returns whether the table existed before the first changeset of this file ran. */
    boolean isExisting(String table, ChangelogFile source) {
        return !created(source).contains(table);
    }

    private Set<String> created(ChangelogFile source) {
        return changesets(source).flatMap(changeset -> changeset.created().stream()).collect(Collectors.toSet());
    }

    Stream<ParsedChangeset> changesets(ChangelogFile source) {
        return changesets.stream().filter(changeset -> changeset.source() == source);
    }

    /** All statements of an update, in order. */
    Stream<SqlStatement> forward() {
        return changesets.stream().flatMap(ParsedChangeset::statements);
    }

    /** Changesets as written, before Liquibase interprets them. */
    Stream<YamlElement> written(ChangelogFile source) {
        return source.items("changeSet").stream();
    }
}
