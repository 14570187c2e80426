package dev.supportdb.lint;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import liquibase.change.AbstractSQLChange;

/** Finds changes that Liquibase refuses as written, or reads differently. */
final class ValidityRules {

    private static final Pattern BODY = Pattern.compile(
            "\\$(\\w*)\\$(?:(?!\\$\\1\\$).)*;.*?\\$\\1\\$|\\bbegin\\s+atomic\\b.*;",
            Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    /** A name, quoted or not. */
    private static final Pattern NAME = Pattern.compile("\"([^\"]+)\"|[\\p{L}_][\\p{L}\\p{N}_$]*");
    private static final int LONGEST = 63;

    static final String VALID = "valid";

    static final List<Rule> RULES = List.of(
            new Rule(VALID, "A change is complete and its values are valid, as far as Liquibase can tell without a "
                    + "database.", ValidityRules::valid),
            new Rule("name-length", "A name has at most 63 bytes: PostgreSQL cuts the rest off, and two long names "
                    + "can become the same.", ValidityRules::nameLength),
            new Rule("split", "A body with semicolons has splitStatements: false, else Liquibase cuts it into pieces.",
                    ValidityRules::split));

    private ValidityRules() {
    }

    private static void valid(ChangelogProject project, Rule.Report report) {
        project.changesets().forEach(changeset -> changeset.steps().distinct()
                // Dropped parameters would also be reported as missing.
                .filter(step -> FileFormatRules.wrongParameters(step.element()).findAny().isEmpty())
                .forEach(step -> step.errors().forEach(error -> report.add(changeset.source(), step.element(),
                        "Liquibase says: %s.".formatted(sentence(error)),
                        "- %s: <what is missing>".formatted(step.kind())))));
    }

    /** The message without exception classes and without its further lines. */
    static String sentence(String error) {
        return error.replaceFirst("(?s).*Exception: |^(Error parsing \\S+ : )+", "").lines().findFirst().orElse(error)
                .replaceFirst("[.:]$", "");
    }

    private static void nameLength(ChangelogProject project, Rule.Report report) {
        project.changesets().forEach(changeset -> changeset.steps().distinct().forEach(step ->
                step.statements().stream()
                .flatMap(statement -> NAME.matcher(statement.bare()).results())
                .map(name -> name.group(1) == null ? name.group() : name.group(1))
                .filter(name -> name.getBytes(StandardCharsets.UTF_8).length > LONGEST).distinct()
                .forEach(name -> report.add(changeset.source(), step.element(),
                        "PostgreSQL cuts the name %s off after 63 bytes.".formatted(name),
                        "# a name of at most 63 bytes"))));
    }

    private static void split(ChangelogProject project, Rule.Report report) {
        for (ParsedChangeset changeset : project.changesets()) {
            changeset.steps()
                    .filter(step -> step.change() instanceof AbstractSQLChange sql
                            && !Boolean.FALSE.equals(sql.isSplitStatements()) && sql.getEndDelimiter() == null)
                    .filter(step -> step.statements().stream()
                            .anyMatch(statement -> BODY.matcher(statement.text()).find()))
                    .forEach(step -> report.add(changeset.source(), step.element(),
                            "Liquibase cuts this body at its semicolons.", Suggestion.unsplit(step)));
        }
    }
}
