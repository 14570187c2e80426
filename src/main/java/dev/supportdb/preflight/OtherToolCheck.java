package dev.supportdb.preflight;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.exception.LiquibaseException;

/**
 * Finds a database that another migration tool manages: it has that tool's version table, tables that the changelog
 * creates, and no history of the changelog. An update would fail at the first existing table.
 */
public final class OtherToolCheck {

    /**
     * A migration tool.
     *
     * @param column the column of its table with the version
     * @param shown  how many of its last rows are shown
     */
    private record Tool(String name, String column, int shown) {}

    /** The tools by the name of their table, in lower case. */
    private static final Map<String, Tool> TOOLS = Map.of("alembic_version", new Tool("Alembic", "version_num", 5),
            "flyway_schema_history", new Tool("Flyway", "version", 1));

    /**
     * The table of a tool.
     *
     * @param table as the server writes it in SQL
     * @param at    the version of the database in that table
     */
    private record Kept(Tool tool, String table, String at) {}

    private final Database database;

    public OtherToolCheck(Database database) {
        this.database = database;
    }

    /** Returns the reason not to change the database, before the changelog is read; empty if there is none. */
    Optional<String> ask(String changelogFile) throws SQLException, LiquibaseException {
        return kept().isEmpty() ? Optional.empty() : ask(Changelog.parse(changelogFile, Map.of()));
    }

    /** Returns why the database must not be changed; empty if it may be. */
    public Optional<String> ask(DatabaseChangeLog changeLog) throws SQLException, LiquibaseException {
        List<Kept> kept = kept();
        List<String> tables = kept.isEmpty() ? List.of() : tables(changeLog);
        return tables.isEmpty() ? Optional.empty() : Optional.of(refusal(kept.get(0), tables));
    }

    private static String refusal(Kept kept, List<String> tables) {
        return """
                %1$s migrates this database: %2$s is at %3$s. It has %4$s of this changelog and no history of it, so \
                an update would fail at the first of them. Nothing has been changed. Choose one:
                - update an empty database, and copy the rows there
                - or take this one over, if its schema is the one this changelog creates: drop table %2$s; then \
                ./supportdb stamp, with the name of the feature it is at, compares it and records only what matches
                - or ./supportdb stamp --force records without comparing, and what does not match fails later
                docs/from-%5$s.md has more.""".formatted(kept.tool.name, kept.table, kept.at,
                        tables.size() == 1 ? "the table " + tables.get(0)
                                : "%d tables, such as %s,".formatted(tables.size(), tables.get(0)),
                        kept.tool.name.toLowerCase(Locale.ROOT));
    }

    /**
     * The tables of tools in all schemas; none if this changelog has a history. An unreadable table in another schema
     * belongs to another application.
     */
    private List<Kept> kept() throws SQLException, LiquibaseException {
        try (CatalogSession session = CatalogSession.of(database)) {
            Connection connection = session.connection();
            return session.hasHistory() ? List.of() : Sql.rows(connection, """
                    select format('%I.%I', nspname, relname), lower(relname), readable
                    from pg_class c join pg_namespace n on n.oid = relnamespace
                    cross join lateral (select has_schema_privilege(n.oid, 'usage')
                        and has_table_privilege(c.oid, 'select')) privilege (readable)
                    where lower(relname) = any (?) and relkind in ('r', 'p') and (readable or nspname = ?)
                    order by nspname <> ?, 1
                    """, row -> kept(connection, TOOLS.get(row.getString(2)), row.getString(1), row.getBoolean(3)),
                    connection.createArrayOf("text", TOOLS.keySet().toArray()), session.schema(), session.schema())
                    .stream().filter(Objects::nonNull).toList();
        }
    }

    /** Reads the table of a tool; null if it is empty. */
    private static Kept kept(Connection connection, Tool tool, String table, boolean isReadable) throws SQLException {
        if (!isReadable) {
            return new Kept(tool, table, "a version that this user may not read");
        }
        List<String> versions = Sql.texts(connection, """
                select coalesce(value, 'no version') from %s kept
                left join lateral jsonb_each_text(to_jsonb(kept)) on lower(key) = ? order by kept.ctid desc limit ?
                """.formatted(table), tool.column, tool.shown);
        return versions.isEmpty() ? null : new Kept(tool, table, String.join(", ", versions));
    }

    private List<String> tables(DatabaseChangeLog changeLog) throws SQLException, LiquibaseException {
        try (CatalogSession session = CatalogSession.of(database)) {
            return Sql.texts(session.connection(), """
                    select format('%I.%I', schemaname, tablename) from pg_tables
                    where schemaname = ? and tablename = any (?) order by 1
                    """, session.schema(),
                    session.connection().createArrayOf("text", NamedObjects.in(changeLog).created()));
        }
    }
}
