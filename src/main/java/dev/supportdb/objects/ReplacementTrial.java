package dev.supportdb.objects;

import dev.supportdb.objects.SchemaPlan.Target;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tries on an empty clone of a table, whose column has the new type, which objects a replaced column can hand over.
 * Nothing of the clone remains.
 */
final class ReplacementTrial {

    private final Connection connection;
    private final String path;
    private final List<String> types;

    /**
     * @param connection its search path is already {@code pg_catalog, pg_temp}
     * @param path       the search path of the run
     * @param types      statements that create types, including types that the database already has
     */
    ReplacementTrial(Connection connection, String path, List<String> types) {
        this.connection = connection;
        this.path = path;
        this.types = types;
    }

    /** The found objects that the replacements can carry over. */
    Set<Dependant> carried(List<Dependant> found) throws SQLException {
        Map<Target, List<Dependant>> byTarget = new LinkedHashMap<>();
        for (Dependant dependant : found) {
            if (dependant.isCarriedAtOnce() || dependant.isBuiltBefore() && isBuilt(dependant)) {
                byTarget.computeIfAbsent(dependant.on(), target -> new ArrayList<>()).add(dependant);
            }
        }
        Set<Dependant> carried = new HashSet<>();
        for (Target target : byTarget.keySet()) {
            List<Dependant> its = byTarget.get(target);
            Collections.reverse(its);
            Savepoint before = connection.setSavepoint();
            try {
                carried.addAll(tried(target, its));
            } finally {
                connection.rollback(before);
            }
        }
        return carried;
    }

    /** Returns whether this run or an earlier, interrupted one has built its replacement. */
    private boolean isBuilt(Dependant dependant) throws SQLException {
        Target target = dependant.on();
        String twin = TwinName.of(dependant.name(), target.object().name(), target.by());
        return target.isPrepared() || Sql.exists(connection, """
                select from pg_index join pg_class c on c.oid = indexrelid join pg_namespace n on n.oid = relnamespace
                where indisvalid and nspname = ? and relname = ?
                union all
                select from pg_constraint join pg_namespace n on n.oid = connamespace
                where contype = 'c' and nspname = ? and conname = ?
                """, dependant.schema(), twin, dependant.schema(), twin);
    }

    private List<Dependant> tried(Target target, List<Dependant> its) throws SQLException {
        Sql.execute(connection, "select set_config('search_path', '%s', true)".formatted(path.replace("'", "''")));
        for (String type : types) {
            succeeds(type);
        }
        String table = target.object().table();
        // A role that may not create temporary tables cannot try anything. A default that does not fit the new type
        // fails in the transaction that replaces the column, which changes nothing.
        if (!succeeds("create temp table %1$s (like %1$s); alter table pg_temp.%1$s drop column %2$s; "
                .formatted(table, target.object().name())
                + "alter table pg_temp.%s add column %s %s".formatted(table, target.object().name(), target.type()))) {
            return its.stream().filter(dependant -> dependant.kind().equals("default")).toList();
        }
        boolean isBuiltIn = Sql.isTrue(connection, """
                select typnamespace = 'pg_catalog'::regnamespace from pg_attribute join pg_type t on t.oid = atttypid
                where attrelid = ?::regclass and attname = ?
                """, "pg_temp." + table, target.object().name());
        Sql.execute(connection, "set local search_path = pg_catalog, pg_temp");
        // Rules and policies of other tables may use the replaced column as well.
        for (Dependant dependant : its) {
            if (dependant.table() != null) {
                succeeds("create temp table %2$s (like %1$s.%2$s)"
                        .formatted(quoted(String.valueOf(dependant.schema())), quoted(dependant.table())));
            }
        }
        List<Dependant> done = new ArrayList<>();
        for (Dependant dependant : its) {
            boolean works = switch (dependant.kind()) {
                case "grant", "setting" -> true;
                // A row filter allows only built-in types.
                case "publication" -> isBuiltIn || !dependant.bring().contains(" where ");
                default -> succeeds(onClones(dependant, table, its));
            };
            if (works) {
                done.add(dependant);
            }
        }
        return done;
    }

    /** Rewrites statements for the clones of the table, of other tables they name, and of the views. */
    private static String onClones(Dependant dependant, String table, List<Dependant> its) {
        String cloned = dependant.kind().equals("statistics")
                ? cloned(dependant.bring(), dependant.schema(), dependant.name()) : dependant.bring();
        for (Dependant other : its) {
            if (other.kind().equals("view")) {
                cloned = cloned(cloned, other.schema(), other.name());
            }
            if (other.table() != null) {
                cloned = cloned(cloned, other.schema(), other.table());
            }
        }
        return cloned(cloned, null, table);
    }

    private static String cloned(String statements, String schema, String name) {
        String home = schema == null ? "(?:\\w+|\"[^\"]+\")" : Pattern.quote(quoted(schema));
        return statements.replaceAll("(?<![\\w.\"])" + home + "\\." + Pattern.quote(quoted(name)) + "(?![\\w\"(])",
                Matcher.quoteReplacement("pg_temp." + quoted(name)));
    }

    private static String quoted(String name) {
        return name.matches("[a-z_][a-z0-9_]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private boolean succeeds(String statements) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            Sql.execute(connection, statements);
            connection.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            connection.rollback(before);
            return false;
        }
    }
}
