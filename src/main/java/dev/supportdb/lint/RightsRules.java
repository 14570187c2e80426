package dev.supportdb.lint;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.changelog.SafeChange;
import dev.supportdb.changelog.YamlText;
import dev.supportdb.postgres.PlPgSqlBody;
import dev.supportdb.postgres.SqlStatement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Rules on privileges: granted without need, needed but not granted, or reaching beyond the database. */
final class RightsRules {

    private static final String FUNCTION = "(?:function|procedure) ";
    private static final Pattern DEFINER =
            pattern("(?:create (?:or replace )?|alter )" + FUNCTION + NAME + "\\b(?=.*\\bsecurity definer\\b)");
    private static final Pattern SET_PATH = pattern(".*?\\bset search_path (?:=|to\\b)");
    private static final Pattern SAFE_PATH =
            pattern("\\s*[\"']?pg_catalog[\"']?\\s*,\\s*[\"']?pg_temp\\b[\"']?(?!\\s*,)");
    private static final Pattern SET_CLAUSE = Pattern.compile("(?is)\\s+set\\s+search_path\\s*(?:=|to\\b)[^;]*?"
            + "(?=\\s+(?:as|language|security|begin|return|immutable|stable|volatile|set)\\b)");
    private static final Pattern REVOKED = pattern("revoke (?:execute|all|all privileges) on (?:function|procedure"
            + "|routine) (.+) from (?:[^;]*,)?\\s*public\\b");
    private static final Pattern ALL_REVOKED = pattern("revoke (?:execute|all|all privileges) on all (?:functions"
            + "|procedures|routines) in schema .*\\bfrom (?:[^;]*,)?\\s*public\\b");

    private static final String COMMAND = "executeCommand";

    private static final Pattern TRIGGER = pattern("create (?:or replace )?(?:constraint )?trigger .*?\\bwhen\\b"
            + "(.*)\\bexecute (?:function|procedure)\\b");
    private static final Pattern EXPRESSIONS = pattern("create (?:unique )?index\\b(.*)|create policy\\b(.*)"
            + "|create (?:unlogged )?table\\b(?!.*\\bas (?:select|with|table)\\b)(.*)");
    private static final Pattern ADDED = pattern("add\\b(.*)|alter (?:column )?" + NAME + " set default (.*)");
    private static final Pattern INVOKER =
            pattern("create (?:or replace )?function .*\\breturns trigger\\b(?!.*\\bsecurity definer\\b)");
    private static final Pattern CALL = Pattern.compile("\\b" + NAME + "\\s*\\(");

    static final List<Rule> RULES = List.of(
            new Rule("definer-path", "A security definer function has search_path = pg_catalog, pg_temp, and names the "
                    + "schema of everything else: it would call functions of other schemas in its path.",
                    RightsRules::definerPath),
            new Rule("public-execute", "A security definer function is revoked from public in the changeset that "
                    + "creates it: else anybody can use it as a trigger on a table of their own.",
                    RightsRules::publicExecute),
            new Rule("writer-right", "A trigger's condition, a check, a default, an index, a policy and a trigger "
                    + "function that is not security definer call no function of the changelog: whoever writes to "
                    + "the table would need execute on it.", RightsRules::writerRight),
            new Rule("execute-command", "A changeset is SQL: a command runs on the machine that migrates, outside "
                    + "every transaction, and again in a rehearsal.", RightsRules::executeCommand));

    private RightsRules() {
    }

    private static void definerPath(ChangelogProject project, Rule.Report report) {
        StatementAt.all(project).stream().filter(found -> found.statement().matches(DEFINER).isPresent())
                .filter(found -> !hasSafePath(found.statement()))
                .forEach(found -> found.report(report, "This function runs whatever its search path finds, with its "
                        + "owner's rights.",
                        "# and in its body, the schema before each name of ours\n" + YamlText.sql(SET_CLAUSE.matcher(
                                found.step().sql()).replaceAll("").replaceFirst("(?i)security\\s+definer",
                                "security definer set search_path = pg_catalog, pg_temp")) + "\n"));
    }

    /** Returns whether the search path is safe. Reads the text, because the bare statement hides what is in quotes. */
    private static boolean hasSafePath(SqlStatement statement) {
        return statement.matches(SET_PATH).filter(path ->
                SAFE_PATH.matcher(statement.text().substring(path.end())).lookingAt()).isPresent();
    }

    private static void publicExecute(ChangelogProject project, Rule.Report report) {
        List<StatementAt> all = StatementAt.all(project);
        for (int i = 0; i < all.size(); i++) {
            StatementAt found = all.get(i);
            Optional<String> function = found.statement().matches(DEFINER).map(definer -> definer.group(1));
            if (function.isPresent() && all.subList(i, all.size()).stream()
                    .takeWhile(later -> later.changeset() == found.changeset() && later.back() == found.back())
                    .noneMatch(later -> revokes(later.statement(), function.get()))) {
                found.report(report, "Anybody may execute %s(), and can create a trigger with it.".formatted(
                        function.get()), "# after it\n" + SafeChange.sql(List.of(
                                "revoke execute on routine %s from public".formatted(function.get()))));
            }
        }
    }

    private static boolean revokes(SqlStatement statement, String function) {
        return statement.matches(ALL_REVOKED).isPresent() || statement.matches(REVOKED).filter(revoked ->
                SqlStatement.names(revoked.group(1)).anyMatch(function::equals)).isPresent();
    }

    private static void writerRight(ChangelogProject project, Rule.Report report) {
        Set<String> own = project.changesets().stream().flatMap(ParsedChangeset::steps)
                .flatMap(step -> step.statements().stream()).flatMap(statement -> statement.makes().stream())
                .filter(made -> made.kind().equals("function")).map(SqlStatement.Made::name)
                .collect(Collectors.toSet());
        for (StatementAt found : StatementAt.all(project)) {
            runByWriters(found.statement()).flatMap(sql -> CALL.matcher(sql).results()).map(call -> call.group(1))
                    .filter(own::contains).distinct().forEach(function -> found.report(report,
                            "Whoever writes needs the right to execute %s().".formatted(function), """
                            # what it says, in place of the call; or in a trigger function with its owner's rights
                            """));
        }
    }

    /** Expressions that run with the privileges of every role that writes to the table. */
    private static Stream<String> runByWriters(SqlStatement statement) {
        if (statement.matches(INVOKER).isPresent()) {
            return PlPgSqlBody.body(statement).stream().map(SqlStatement::bare);
        }
        Stream<String> whole = Stream.concat(statement.matches(TRIGGER).stream(),
                statement.matches(EXPRESSIONS).stream()).flatMap(RightsRules::groups);
        return Stream.concat(whole, statement.actions().flatMap(action -> action.matches(ADDED).stream())
                .flatMap(RightsRules::groups));
    }

    private static Stream<String> groups(Matcher matcher) {
        return Stream.iterate(1, group -> group <= matcher.groupCount(), group -> group + 1)
                .map(matcher::group).filter(text -> text != null);
    }

    private static void executeCommand(ChangelogProject project, Rule.Report report) {
        project.changesets().stream().filter(ParsedChangeset::runsInProduction).forEach(changeset -> changeset.steps()
                .filter(step -> step.kind().equals(COMMAND)).distinct()
                .forEach(step -> report.add(changeset.source(), step.element(),
                        "This runs a command on the machine that migrates.", "- sql: <statement>")));
    }
}
