package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.Feature;
import dev.supportdb.lint.ParsedChangeset.Step;
import dev.supportdb.postgres.SqlStatement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.custom.CustomChangeWrapper;

/**
 * Finds features that use an object of another branch. A precondition must declare this dependency, directly or through
 * its own dependencies, because a filter may exclude the other branch.
 */
final class DependencyRule {

    static final Rule RULE = new Rule("dependency", "A dependency on another branch is a changeSetExecuted "
            + "precondition: without it, a filter that excludes that branch fails half-way.", DependencyRule::find);

    /** Uses of a name, also in the body of a function and in the SQL of a data-loss check or a backfill. */
    private static final Pattern TOUCHED = Pattern.compile(
            "\\b(?:from|join|update|into|table|only|references|on|using)\\s+" + NAME, Pattern.CASE_INSENSITIVE);
    private static final Pattern TYPE = Pattern.compile("^create\\s+(?:type|domain)\\s+" + NAME);

    /** The table of backfills, which every backfill uses without naming it. */
    private static final String PROGRESS = "backfills";

    /** The first changeset that creates a table or a type. */
    private final Map<String, ParsedChangeset> makers = new HashMap<>();

    /** The branch of each file. */
    private final Map<String, String> branches = new HashMap<>();

    private DependencyRule(ChangelogProject project) {
        project.changelogs().stream().flatMap(changelog -> changelog.features().stream())
                .forEach(feature -> branches.put(feature.path(), feature.branch()));
        for (ParsedChangeset changeset : project.changesets()) {
            changeset.created().forEach(table -> makers.putIfAbsent(table, changeset));
            changeset.forward().stream().flatMap(step -> step.statements().stream())
                    .flatMap(statement -> TYPE.matcher(statement.bare()).results())
                    .forEach(type -> makers.putIfAbsent(type.group(1), changeset));
        }
    }

    private static void find(ChangelogProject project, Rule.Report report) {
        DependencyRule rule = new DependencyRule(project);
        for (Changelog changelog : project.changelogs()) {
            for (Feature feature : changelog.features()) {
                Set<String> reached =
                        changelog.upTo(feature).stream().map(Feature::path).collect(Collectors.toSet());
                project.changesets().stream()
                        .filter(changeset -> changeset.source().path().equals(feature.path()))
                        .forEach(changeset -> rule.find(changeset, feature.branch(), reached, report));
            }
        }
    }

    private void find(ParsedChangeset changeset, String branch, Set<String> reached, Rule.Report report) {
        Set<String> said = new HashSet<>();
        for (Step step : changeset.forward()) {
            for (String name : touched(step)) {
                ParsedChangeset maker = makers.get(name);
                if (maker != null && !branches.get(maker.source().path()).equals(branch)
                        && !reached.contains(maker.source().path()) && said.add(name)) {
                    report.add(changeset.source(), step.element(),
                            "%s belongs to the branch %s, and no precondition names that dependency."
                                    .formatted(name, branches.get(maker.source().path())),
                                    Suggestion.precondition(maker));
                }
            }
        }
    }

    /** The names that this step uses, in its SQL and in its parameters. */
    private Set<String> touched(Step step) {
        Set<String> words = new LinkedHashSet<>();
        Stream.concat(step.statements().stream().map(SqlStatement::text), step.element().all().map(YamlElement::text))
                .forEach(text -> {
                    TOUCHED.matcher(text).results().map(found -> found.group(1)).forEach(words::add);
                    // A type can occur anywhere. A name without an underscore may also be the name of a column.
                    makers.keySet().stream()
                            .filter(name -> name.contains("_") && text.matches("(?s).*\\b" + name + "\\b.*"))
                            .forEach(words::add);
                });
        step.element().children().stream().filter(child -> child.key().endsWith("ableName"))
                .map(YamlElement::text).forEach(words::add);
        if (step.change() instanceof CustomChangeWrapper custom && custom.getCustomChange() instanceof Backfill) {
            words.add(PROGRESS);
        }
        return words;
    }
}
