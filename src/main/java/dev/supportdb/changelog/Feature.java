package dev.supportdb.changelog;

import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.Labels;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.precondition.core.PreconditionContainer.FailOption;

/**
 * One file of the changelog.
 *
 * @param branch     the folder, as the label of the include confirms; that label where it says otherwise
 * @param number     as written, such as {@code 016}; empty if the file's name begins with none
 * @param name       the file's, such as {@code 016_ticket_metrics}
 * @param path       the file, from the folder that the changelog's path starts from
 * @param changeSets in their order, at least one
 */
public record Feature(String branch, String number, String name, String path, List<ChangeSet> changeSets) {

    private static final Pattern FILE = Pattern.compile("(?:.*/)?((?:(\\d+)(?=[_.]|$))?[^/]*?)(?:\\.[^./]+)?");

    public Feature {
        changeSets = List.copyOf(changeSets);
    }

    static Feature of(String path, List<ChangeSet> changeSets) {
        Matcher file = FILE.matcher(path);
        if (!file.matches()) {
            throw new IllegalArgumentException("Expected the path of a changelog file, not " + path);
        }
        String number = file.group(2) == null ? "" : file.group(2);
        return new Feature(branch(path, file.group(1), changeSets.get(0)), number, file.group(1), path, changeSets);
    }

    /** The branch of a feature: its folder, or for a file in no folder its own name. */
    private static String branch(String path, String name, ChangeSet first) {
        String[] folders = path.split("/");
        String folder = folders.length == 1 ? name : folders[folders.length - 2];
        List<String> labels = first.getInheritableLabels().stream()
                .map(Labels::getLabels).flatMap(Collection::stream).toList();
        return labels.isEmpty() || labels.contains(folder) ? folder : labels.get(0);
    }

    /** The unique name: {@code main/016_ticket_metrics}. */
    public String id() {
        return branch + "/" + name;
    }

    /** The name without the number: {@code ticket_metrics}. */
    public String title() {
        return name.substring(number.length()).replaceFirst("^_", "");
    }

    /** Returns whether this feature is deferred while a dependency is missing. */
    public boolean waits() {
        return needs().anyMatch(need -> need.onFail() == FailOption.CONTINUE);
    }

    /**
     * Returns the changesets that do more than set a tag, which stays when a feature is undone; all changesets if none
     * does.
     */
    public List<ChangeSet> workingChangeSets() {
        List<ChangeSet> working = changeSets.stream()
                .filter(changeSet -> !changeSet.getChanges().stream().allMatch(TagDatabaseChange.class::isInstance))
                .toList();
        return working.isEmpty() ? changeSets : working;
    }

    Stream<Dependency> needs() {
        return changeSets.stream().flatMap(Dependency::of);
    }

    @Override
    public String toString() {
        return id();
    }
}
