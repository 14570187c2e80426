package dev.supportdb.generate;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The numbers of the files beside a master. Excludes files that another master includes.
 *
 * @param root the project's folder
 */
record FeatureNumber(Path root, MasterChangelog master) {

    private static final Pattern FILE = Pattern.compile("(\\d{3,9})(_.*\\.yaml)");

    /** The next unused number. */
    int next() throws IOException {
        SortedMap<Integer, List<Path>> numbers = new TreeMap<>(files().stream()
                .collect(Collectors.groupingBy(file -> Integer.parseInt(part(file, 1)))));
        int next = numbers.isEmpty() ? 1 : numbers.lastKey() + 1;
        Optional<List<Path>> twice = numbers.values().stream().filter(files -> files.size() > 1).findFirst();
        if (twice.isPresent()) {
            throw new IOException("""
                    The number %s is used by several files:
                      %s
                    Choose one that is not deployed anywhere, and change its number to %03d: in the name of its file \
                    and folder, in its text, and in %s, where its include moves to the end. Nothing has been written."""
                    .formatted(part(twice.get().get(0), 1), twice.get().stream().map(Path::toString)
                            .collect(Collectors.joining("\n  ")), next, root.relativize(master.file())));
        }
        return next;
    }

    /** The file of a feature that a killed process has left, not included in the master. */
    Optional<String> leftBehind(String branch, String title) throws IOException {
        return files().stream().filter(file -> file.getParent().endsWith(branch)
                        && part(file, 2).equals("_" + title + ".yaml") && !master.includes(file))
                .map(file -> file.getFileName().toString().replaceFirst("\\.yaml$", "")).findFirst();
    }

    /** Refuses a title or a number that another file has, because people name a feature by either. */
    void refuseTaken(Path feature) throws IOException {
        for (Path file : files()) {
            boolean isNamesake = part(file, 2).equals(part(feature, 2));
            boolean isLeftBehind = file.equals(feature) && !master.includes(file);
            if (!isLeftBehind && (isNamesake || part(file, 1).equals(part(feature, 1)))) {
                throw new FileAlreadyExistsException(null, null,
                        "%s already exists%s. Nothing has been written.".formatted(file, !isNamesake
                                ? ", another process has just created it: run the same command again"
                                : master.includes(file) ? ": choose another message"
                                : " and is not included: include it, or delete it"));
            }
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> folders = Files.list(master.file().resolveSibling(""))) {
            List<Path> found = new ArrayList<>();
            for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
                if (master.ownerOf(folder.getFileName().toString()).isEmpty()) {
                    try (Stream<Path> files = Files.list(folder)) {
                        files.filter(file -> FILE.matcher(file.getFileName().toString()).matches()).sorted()
                                .map(root::relativize).forEach(found::add);
                    }
                }
            }
            return found;
        }
    }

    private static String part(Path file, int group) {
        Matcher form = FILE.matcher(file.getFileName().toString());
        if (!form.matches()) {
            throw new IllegalArgumentException(file + " has no number");
        }
        return form.group(group);
    }
}
