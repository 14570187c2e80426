package dev.supportdb.preflight;

import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.Sql;
import dev.supportdb.postgres.SqlLiteral;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;

/**
 * Finds tables whose row-level security hides rows from the role of the session, or from the owner of one of the
 * changelog's {@code security definer} functions. Such a session would count, fill and move only the visible rows,
 * without {@code row_security = off}; such a function takes them for all rows.
 */
public final class RowSecurityCheck {

    /**
     * A table and a role that cannot see all its rows.
     *
     * @param table  as the server writes it in SQL
     * @param role   as the server writes it in SQL
     * @param forced whether the role owns the table, and only forced policies apply to it
     * @param who    the use of the table by the role, in words
     */
    private record Hidden(String table, String role, boolean forced, String who) {}

    private static final String SQL = """
            with asking as (
                select oid as role, 'which runs this' as who from pg_roles where rolname = current_user
                union all
                select proowner, format('whose rights %s has%s', min(oid::regprocedure::text),
                    case when count(*) > 1 then format(', like %s more', count(*) - 1) else '' end)
                from pg_proc
                where prosecdef and pronamespace = to_regnamespace(?) and proname = any (?)
                group by proowner
            )
            select format('%I.%I', nspname, relname), quote_ident(rolname), pg_has_role(role, relowner, 'usage'), who
            from pg_class join pg_namespace n on n.oid = relnamespace
            cross join asking join pg_roles r on r.oid = role
            where relkind in ('r', 'p') and relrowsecurity and (nspname, relname) in (
                    select ?, unnest(?) union all select ?, ?)
              and not (rolsuper or rolbypassrls)
              and (relforcerowsecurity or not pg_has_role(role, relowner, 'usage'))
            order by relname, who desc
            """;

    private final Database database;

    RowSecurityCheck(Database database) {
        this.database = database;
    }

    /** Returns the report on a database; empty if no rows are hidden. */
    public static Optional<String> report(Database database, DatabaseChangeLog changeLog)
            throws SQLException, LiquibaseException {
        List<Hidden> hidden = new RowSecurityCheck(database)
                .find(NamedObjects.in(changeLog).created());
        return hidden.isEmpty() ? Optional.empty()
                : Optional.of("Row-level security hides rows from a role that must see all of them:\n%s\n%s"
                        .formatted(lines(hidden), remedies(hidden)));
    }

    /** Refuses if rows of the history are hidden from the session: their changesets would run again. */
    void checkHistory() throws SQLException, LiquibaseException {
        refuse(find(new String[0]), "which would run finished changesets again");
    }

    /** Refuses if rows of a table are hidden. */
    void check(DatabaseChangeLog changeLog) throws SQLException, LiquibaseException {
        refuse(find(NamedObjects.in(changeLog).created()),
                "which would count, fill and move only the visible rows");
    }

    /** Adds the same check to a script, for the session that runs it; without functions of other owners. */
    void write(DatabaseChangeLog changeLog) throws DatabaseException {
        String names = Stream.concat(Stream.of(NamedObjects.in(changeLog).created()),
                        Stream.of(database.getDatabaseChangeLogTableName()))
                .map(SqlLiteral::of).collect(Collectors.joining(", "));
        LiquibaseExecutor.execute(database, SCRIPT.formatted(names));
    }

    private static final String SCRIPT = """
            do $row_security$
            declare
                _hidden text := (
                    select string_agg(format('%%I.%%I', nspname, relname), ', ' order by relname)
                    from pg_class c join pg_namespace n on n.oid = relnamespace
                    where nspname = current_schema() and relkind in ('r', 'p') and row_security_active(c.oid)
                        and relname = any (array[%s]));
            begin
                if _hidden is not null then
                    raise exception using message = 'Row-level security hides rows of ' || _hidden || ' from '
                        || current_user || ', which would count, fill and move only the visible rows. '
                        || e'Nothing has been changed. As a superuser run:\\n  alter role ' || quote_ident(current_user) || ' bypassrls;';
                end if;
            end
            $row_security$""";

    private static void refuse(List<Hidden> hidden, String consequence) throws CommandExecutionException {
        if (!hidden.isEmpty()) {
            throw new CommandExecutionException("Row-level security hides rows from this run, %s:\n%s\n%s"
                    .formatted(consequence, lines(hidden), "Nothing has been changed. " + remedies(hidden)));
        }
    }

    private List<Hidden> find(String[] named) throws SQLException, DatabaseException {
        try (CatalogSession session = CatalogSession.of(database)) {
            Connection connection = session.connection();
            return Sql.rows(connection, SQL,
                    row -> new Hidden(row.getString(1), row.getString(2), row.getBoolean(3), row.getString(4)),
                    session.schema(), connection.createArrayOf("text", named),
                    session.schema(), connection.createArrayOf("text", named),
                    session.historySchema(), database.getDatabaseChangeLogTableName());
        }
    }

    private static String lines(List<Hidden> hidden) {
        return String.join("\n", hidden.stream()
                .map(one -> "- %s from %s, %s".formatted(one.table, one.role, one.who)).toList());
    }

    private static String remedies(List<Hidden> hidden) {
        Stream<String> bypass = hidden.stream().map(one -> "  alter role %s bypassrls;".formatted(one.role));
        List<String> noForce = hidden.stream().filter(Hidden::forced)
                .map(one -> "  alter table %s no force row level security;".formatted(one.table)).distinct().toList();
        return "As a superuser run:\n" + String.join("\n", bypass.distinct().toList())
                + (noForce.isEmpty() ? "" : "\nOr, if the policies are not meant for the owner, as the owner run:\n"
                        + String.join("\n", noForce));
    }
}
