package dev.supportdb.changelog;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import liquibase.Scope;
import liquibase.change.Change;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.exception.ChangeLogParseException;
import liquibase.exception.LiquibaseException;
import liquibase.parser.ChangeLogParserFactory;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;

/**
 * A changelog as Liquibase has parsed it, file by file, without a database.
 *
 * @param features in the order in which the master includes them
 */
public record Changelog(List<Feature> features) {

    /** What Liquibase writes into the history about a changeset that only sets a tag. */
    public static final String TAG = "tagDatabase";

    public Changelog {
        features = List.copyOf(features);
    }

    /** Returns the changelog that a run has parsed. */
    public static Changelog of(DatabaseChangeLog parsed) {
        return new Changelog(parsed.getChangeSets().stream()
                .collect(groupingBy(Changelog::file, LinkedHashMap::new, toList()))
                .entrySet().stream().map(file -> Feature.of(file.getKey(), file.getValue())).toList());
    }

    /**
     * Reads the files.
     *
     * @param root       the folder that the master's path starts from
     * @param master     path of the master changelog
     * @param parameters changelog parameters
     * @throws LiquibaseException when Liquibase cannot parse them
     */
    public static Changelog read(Path root, String master, Map<String, String> parameters) throws LiquibaseException {
        try {
            ResourceAccessor files = new CompositeResourceAccessor(
                    new DirectoryResourceAccessor(root.toAbsolutePath()), new ClassLoaderResourceAccessor());
            return of(Scope.child(Map.of(Scope.Attr.resourceAccessor.name(), files), () -> parse(master, parameters)));
        } catch (LiquibaseException e) {
            throw e;
        } catch (IOException e) {
            throw new ChangeLogParseException("There is no folder " + root.toAbsolutePath(), e);
        } catch (Exception e) {
            throw new ChangeLogParseException(e.getMessage(), e);
        }
    }

    /** Parses the changelog with Liquibase, in a scope that already has its files. */
    public static DatabaseChangeLog parse(String master, Map<String, String> parameters) throws LiquibaseException {
        ResourceAccessor files = Scope.getCurrentScope().getResourceAccessor();
        ChangeLogParameters given = new ChangeLogParameters();
        parameters.forEach(given::set);
        try {
            return ChangeLogParserFactory.getInstance().getParser(master, files).parse(master, given, files);
        } catch (ChangeLogParseException e) {
            MergeConflict.throwIfCause(e);
            throw e;
        }
    }

    /** Returns the real path, not the logicalFilePath that a file pins, which may be out of date after a move. */
    private static String file(ChangeSet changeSet) {
        return changeSet.getChangeLog().getPhysicalFilePath();
    }

    /** Returns whether a change only checks something, and changes nothing. */
    public static boolean isGuard(Change change) {
        return change.getSerializedObjectName().equals("refuse");
    }

    /** Returns whether a feature is the last of its branch. */
    public boolean isHead(Feature feature) {
        return branch(feature.branch()).head().equals(feature);
    }

    /** Returns the branches, in the order of their first features. */
    public List<Branch> branches() {
        return features.stream().map(Feature::branch).distinct().map(this::branch).toList();
    }

    /** Returns an existing branch. */
    public Branch branch(String name) {
        List<Feature> all = features.stream().filter(feature -> feature.branch().equals(name)).toList();
        List<String> needs = others(name, all, feature -> !feature.waits());
        List<String> merges = others(name, all, Feature::waits);
        return new Branch(name, all, needs, merges.stream().filter(other -> !needs.contains(other)).toList());
    }

    private List<String> others(String branch, List<Feature> all, Predicate<Feature> which) {
        return all.stream().filter(which).flatMap(feature -> needs(feature).stream()).map(Feature::branch)
                .filter(other -> !other.equals(branch)).distinct().toList();
    }

    /** Returns the feature of a changeset that ran or was to run; empty if the files do not have it. */
    public Optional<Feature> featureOf(RanChangeSet ran) {
        return features.stream().filter(feature -> feature.changeSets().stream().anyMatch(ran::isSameAs)).findFirst();
    }

    /**
     * Returns the changesets of a history that the files do not have. A rollback keeps the tag of a feature, so a file
     * of which only that is left does not count.
     */
    public static List<RanChangeSet> unknown(List<RanChangeSet> history, Predicate<RanChangeSet> isInFiles) {
        List<RanChangeSet> lacking = history.stream().filter(isInFiles.negate()).toList();
        Set<String> files = lacking.stream().filter(ran -> !TAG.equals(ran.getDescription()))
                .map(RanChangeSet::getChangeLog).collect(toSet());
        return lacking.stream().filter(ran -> files.contains(ran.getChangeLog())).toList();
    }

    /**
     * Returns the other features that a feature names in its preconditions, if the files have them; in the order of the
     * master.
     */
    public List<Feature> needs(Feature feature) {
        Set<Feature> needed = new HashSet<>();
        feature.needs().map(need -> featureOf(need.wanted()).orElse(null)).filter(Objects::nonNull)
                .filter(other -> !other.equals(feature)).forEach(needed::add);
        return features.stream().filter(needed::contains).toList();
    }

    /** Returns those of the given changesets that must have run by the preconditions of a changeset. */
    public static List<ChangeSet> needed(ChangeSet changeSet, List<ChangeSet> among) {
        List<RanChangeSet> wanted = Dependency.of(changeSet).map(Dependency::wanted).toList();
        return among.stream().filter(other -> wanted.stream().anyMatch(ran -> ran.isSameAs(other))).toList();
    }

    /**
     * Returns the features that a feature names in its preconditions and that miss a named changeset; in the order of
     * the master.
     */
    public List<Feature> missing(Feature feature, Predicate<ChangeSet> there) {
        List<RanChangeSet> wanted = feature.needs().map(Dependency::wanted).toList();
        return features.stream().filter(other -> !other.equals(feature))
                .filter(other -> other.changeSets().stream().filter(there.negate())
                        .anyMatch(changeSet -> wanted.stream().anyMatch(ran -> ran.isSameAs(changeSet)))).toList();
    }

    /**
     * Returns everything that a feature depends on, in the order of the master, with itself last: the features before
     * it on its branch, what these depend on, and so on. A deferred feature among them is included without the features
     * that it waits for.
     */
    public List<Feature> upTo(Feature feature) {
        Set<Feature> reached = new HashSet<>();
        Deque<Feature> open = new ArrayDeque<>(List.of(feature));
        while (!open.isEmpty()) {
            Feature next = open.pop();
            if (reached.add(next)) {
                if (next.equals(feature) || !next.waits()) {
                    open.addAll(needs(next));
                }
                open.addAll(before(next));
            }
        }
        return features.stream().filter(reached::contains).toList();
    }

    private List<Feature> before(Feature feature) {
        return features.stream().takeWhile(other -> !other.equals(feature))
                .filter(other -> other.branch().equals(feature.branch())).toList();
    }
}
