package dev.supportdb.verify;

import dev.supportdb.backfill.DomainData;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import liquibase.ContextExpression;
import liquibase.Contexts;
import liquibase.changelog.ChangeSet;

/**
 * The sample rows on which a changelog is tried.
 *
 * <p>The rows are the domain's, by table and by column. They are inserted as soon as their place exists, and fill
 * nothing but what the same changeset has made: they then go with that when the changeset is undone.
 */
public enum SampleData {

    /** Only the rows that the changelog itself inserts. */
    EMPTY("test"),

    /** The demo data, and rows for the source tables of later features that legacy data lacks. */
    DEMO("dev"),

    /** A few rows of everything that the schema allows and nobody expects. */
    HOSTILE("test");

    /** Selects tables and columns, oldest first, with names as seen with the schema public in the search path. */
    private static final String PLACES = """
            with tables as (
                select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
            )
            select oid::regclass::text as name, format('select 1 from %s', oid::regclass) as rows, oid, 0 as number
            from tables
            union all
            select format('%s.%I', oid::regclass, attname),
                format('select 1 from %s where %I is not null', oid::regclass, attname), oid, attnum
            from tables join pg_attribute on attrelid = oid and attnum > 0 and not attisdropped
            order by oid, number
            """;

    private final String contexts;
    private final Map<String, Optional<String>> files = new HashMap<>();

    SampleData(String contexts) {
        this.contexts = contexts;
    }

    /** The Liquibase contexts to run with. */
    public String contexts() {
        return contexts;
    }

    /** Returns whether a changeset only brings demo data. */
    public static boolean isDemo(ChangeSet changeSet) {
        ContextExpression filter = changeSet.getContextFilter();
        return filter != null && filter.matches(new Contexts(DEMO.contexts))
                && !filter.matches(new Contexts(EMPTY.contexts));
    }

    /** Fills every existing empty table and column for which there is a file; returns true if it has filled any. */
    public boolean fill(Connection connection) throws SQLException {
        if (this == EMPTY) {
            return false;
        }
        List<String> due = due(connection);
        for (String file : due) {
            Sql.execute(connection, file);
        }
        return !due.isEmpty();
    }

    private record Place(String name, String rows) {}

    private List<String> due(Connection connection) throws SQLException {
        List<String> due = new ArrayList<>();
        for (Place place : Sql.rows(connection, PLACES,
                row -> new Place(row.getString("name"), row.getString("rows")))) {
            Optional<String> file = file(place.name());
            if (file.isPresent() && !Sql.exists(connection, place.rows() + " limit 1")) {
                due.add(file.get());
            }
        }
        return due;
    }

    private Optional<String> file(String place) {
        return files.computeIfAbsent(place, name -> DomainData.installed().rows(lowerCase(), name));
    }

    String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }
}
