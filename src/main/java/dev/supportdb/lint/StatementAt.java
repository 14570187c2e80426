package dev.supportdb.lint;

import dev.supportdb.lint.ParsedChangeset.Step;
import dev.supportdb.postgres.SqlStatement;
import dev.supportdb.postgres.SqlStatement.Action;
import java.util.List;
import java.util.stream.Stream;

/**
 * One statement that runs in production, with its place in the file.
 *
 * @param back whether it is part of the rollback
 */
record StatementAt(ChangelogProject project, ParsedChangeset changeset, Step step, SqlStatement statement,
        boolean back) {

    /** All statements of the project, including rollbacks. */
    static List<StatementAt> all(ChangelogProject project) {
        return project.changesets().stream().filter(ParsedChangeset::runsInProduction)
                .flatMap(changeset -> Stream.concat(
                changeset.forward().stream().flatMap(step -> of(project, changeset, step, false)),
                changeset.back().stream().flatMap(step -> of(project, changeset, step, true)))).toList();
    }

    private static Stream<StatementAt> of(ChangelogProject project, ParsedChangeset changeset, Step step,
            boolean back) {
        return step.statements().stream().map(statement -> new StatementAt(project, changeset, step, statement, back));
    }

    ChangelogFile source() {
        return changeset.source();
    }

    /**
     * Returns whether the table may have rows and users: neither its file nor, in a rollback, an earlier statement
     * creates it.
     */
    boolean isExisting(String table) {
        return project.isExisting(table, source()) && !(back && before().anyMatch(
                statement -> statement.creates().filter(table::equals).isPresent()));
    }

    /** The statements of its changeset in the same direction. */
    Stream<SqlStatement> ofChangeset() {
        return (back ? changeset.back() : changeset.forward()).stream().flatMap(made -> made.statements().stream());
    }

    /** The statements of the changeset that run before it. */
    Stream<SqlStatement> before() {
        return ofChangeset().takeWhile(other -> other != statement);
    }

    /** The actions on a table that existed before. */
    List<Action> actions() {
        return statement.actions().filter(action -> isExisting(action.table())).toList();
    }

    void report(Rule.Report report, String message, String instead) {
        report.add(source(), step.element(), message, instead);
    }
}
