package dev.supportdb.lint;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.SqlStatement;
import dev.supportdb.postgres.SqlStatement.Made;
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
 * All changelogs of a project: {@code changelog/*.changelog-master.yaml} and what they include.
 *
 * @param root       the folder in which {@code changelog} is
 * @param sources    the files in the order in which they are deployed
 * @param includes   every include of a feature
 * @param changelogs what Liquibase makes of them, one for each master
 * @param changesets in the order in which they run; of a file that Liquibase cannot read, none
 */
record ChangelogProject(Path root, List<ChangelogFile> sources, List<Include> includes, List<Changelog> changelogs,
        List<ParsedChangeset> changesets) {

    private static final String FOLDER = "changelog";
    private static final Pattern MASTER = Pattern.compile(FOLDER + "/[^/]*changelog-master[.]yaml");

    /** The template of new features. */
    static final String TEMPLATE = FOLDER + "/template.yaml";

    /**
     * A feature where its master names it.
     *
     * @param file its path from the project's root
     */
    record Include(ChangelogFile master, YamlElement element, String file) {

        String label() {
            return element.text("labels");
        }

        /** The three figures; empty where there are none, as for demo data. */
        String number() {
            String name = file.substring(file.lastIndexOf('/') + 1);
            return name.matches("\\d+_.*") ? name.substring(0, name.indexOf('_')) : "";
        }
    }

    /** @throws IOException when a file cannot be read */
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

    /** The same with what Liquibase makes of the files. */
    ChangelogProject parsed() throws IOException, ChangelogParser.Refused {
        return new ChangelogParser(root, sources).parse(this);
    }

    /** All YAML and SQL but the template: paths from the project's root, in order. */
    static Stream<String> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(FOLDER))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.matches(".*[.](ya?ml|sql)") && !file.equals(TEMPLATE))
                    .sorted().toList().stream();
        }
    }

    /** Returns whether a table was there before the first changeset of this file ran. */
    boolean isExisting(String table, ChangelogFile source) {
        return !created(source).contains(table);
    }

    private Set<String> created(ChangelogFile source) {
        return changesets(source).flatMap(changeset -> changeset.created().stream()).collect(Collectors.toSet());
    }

    Stream<ParsedChangeset> changesets(ChangelogFile source) {
        return changesets.stream().filter(changeset -> changeset.source() == source);
    }

    /** All that is run on the way forward, in its order. */
    Stream<SqlStatement> forward() {
        return changesets.stream().flatMap(ParsedChangeset::statements);
    }

    /** Returns whether some file makes it. */
    boolean isTable(String name) {
        return changesets.stream().anyMatch(changeset -> changeset.created().contains(name));
    }

    /** Returns whether this file is the first to make it. */
    boolean isOwn(String kind, String name, ChangelogFile source) {
        Made made = new Made(kind, name);
        return changesets.stream().filter(changeset -> changeset.statements()
                        .anyMatch(statement -> statement.makes().filter(made::equals).isPresent()))
                .findFirst().filter(changeset -> changeset.source() == source).isPresent();
    }

    /** Changesets as they are written, before Liquibase interprets them. */
    Stream<YamlElement> written(ChangelogFile source) {
        return source.items("changeSet").stream();
    }
}
