package dev.supportdb.objects;

import static java.util.stream.Collectors.joining;

import dev.supportdb.objects.SchemaPlan.Target;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/**
 * Other people's objects that depend on objects that a run drops or changes: those that would be dropped with them,
 * without a message, and those that would stop the run half-way.
 */
public final class ForeignObjects {

    private static final String PRIVILEGES = "privileges";

    private static final Set<String> PARTS = Set.of("index", "constraint", "trigger");

    private final List<Dependant> found;

    /** Attributes that do not keep an object from being dropped. */
    private final List<Dependant> attributes;

    /** A paragraph about objects that could not be tried on a clone; empty if all could. */
    private final String untried;

    private ForeignObjects(List<Dependant> all, String untried) {
        this.untried = untried;
        this.found = all.stream().filter(dependant -> dependant.take() != null).toList();
        this.attributes = all.stream().filter(dependant -> dependant.take() == null).toList();
    }

    /** Queries the catalogue in the caller's transaction, and changes its search path. */
    public static ForeignObjects of(Connection connection, SchemaPlan plan, OwnObjects own) throws SQLException {
        List<Target> targets = plan.targets();
        if (targets.isEmpty()) {
            return new ForeignObjects(List.of(), "");
        }
        String path = Sql.text(connection, "select current_setting('search_path')");
        Object schemas = Sql.row(connection, "select current_schemas(false)::text[]", row -> row.getArray(1));
        Sql.execute(connection, "set local search_path = pg_catalog, pg_temp; set local quote_all_identifiers = off; "
                + "set local jit = off");
        List<Dependant> all = dependants(connection, targets, schemas);
        List<Dependant> foreign = new ArrayList<>(all.stream().filter(dependant -> !own.have(dependant)).toList());
        // The statements that restore a part of a table also restore its settings, such as cluster, and its comment.
        Set<String> parts = foreign.stream().filter(part -> PARTS.contains(part.kind())).map(Dependant::name)
                .collect(Collectors.toSet());
        foreign.removeIf(attribute -> parts.contains(attribute.part()));
        Set<Dependant> carried = new ReplacementTrial(connection, path, plan.types()).carried(foreign);
        List<Dependant> refused = foreign.stream().filter(dependant -> !carried.contains(dependant)).toList();
        carried.removeAll(dependentOn(connection, refused, carried));
        foreign.removeAll(carried);
        for (int i = 0; i < foreign.size(); i++) {
            foreign.set(i, collated(connection, foreign.get(i)));
        }
        return new ForeignObjects(foreign, untried(connection, foreign));
    }

    private static String untried(Connection connection, List<Dependant> foreign) throws SQLException {
        return foreign.stream().allMatch(dependant -> dependant.on().type() == null) ? "" : Sql.texts(connection, """
                select format(E'\n\nNone of them could be tried with the new type, because user %I may not create '
                    'temporary tables. To keep those that fit, do this instead, as the owner of the database, and run '
                    'the same command again:\n\ngrant temporary on database %I to %1$I;',
                    current_user, current_database())
                where not has_database_privilege(current_database(), 'temporary')
                """).stream().collect(joining());
    }

    private static List<Dependant> dependants(Connection connection, List<Target> targets, Object schemas)
            throws SQLException {
        return Sql.rows(connection, Resource.DEPENDANTS, row -> {
            Target target = targets.get(row.getInt("n") - 1);
            return new Dependant(row.getString("kind"), row.getString("schema"), row.getString("of_table"),
                    row.getString("name"), row.getString("take"), row.getString("bring"),
                    row.getBoolean("may_replace"), target);
        }, array(connection, targets, Target::verb), array(connection, targets, target -> target.object().kind()),
                array(connection, targets, target -> target.object().table()),
                array(connection, targets, target -> target.object().name()), schemas);
    }

    /**
     * Returns the carried objects that depend on a refused object. The refused object must be dropped before the run,
     * and so must they.
     */
    private static Set<Dependant> dependentOn(Connection connection, List<Dependant> refused, Set<Dependant> carried)
            throws SQLException {
        List<Target> going = refused.stream().filter(Dependant::isDropped).map(Dependant::going).toList();
        if (going.isEmpty() || carried.isEmpty()) {
            return Set.of();
        }
        Set<String> titles = dependants(connection, going,
                connection.createArrayOf("text", refused.stream().map(Dependant::schema).distinct().toArray())).stream()
                .map(Dependant::title).collect(Collectors.toSet());
        return carried.stream().filter(dependant -> titles.contains(dependant.title())).collect(Collectors.toSet());
    }

    /** Replaces the type in a COLLATE clause with the new type, if that has a collation. */
    private static Dependant collated(Connection connection, Dependant dependant) throws SQLException {
        String type = dependant.on().type();
        return type != null && dependant.kind().equals("storage") && Sql.exists(connection,
                "select from pg_type where oid = to_regtype(?) and typcollation <> 0", type)
                ? dependant.bringing(dependant.bring().replaceFirst(" type .+ collate ",
                        Matcher.quoteReplacement(" type " + type + " collate ")))
                : dependant;
    }

    private static Object array(Connection connection, List<Target> targets, Function<Target, String> part)
            throws SQLException {
        return connection.createArrayOf("text", targets.stream().map(part).toArray());
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** Returns a paragraph for each object whose privileges or settings are dropped with it. */
    public List<String> notices() {
        Map<String, Set<String>> notices = new LinkedHashMap<>();
        for (Dependant one : attributes) {
            String heading = one.kind().equals(PRIVILEGES)
                    ? "The privileges on %s are dropped with it (%s). To grant them again:"
                            .formatted(one.name(), one.on().at())
                    : "The settings of %s are dropped with it (%s). To set them again:"
                            .formatted(one.on().object(), one.on().at());
            notices.computeIfAbsent(heading, all -> new LinkedHashSet<>()).add(one.bring());
        }
        return notices.entrySet().stream()
                .map(notice -> notice.getKey() + "\n" + String.join("\n", notice.getValue())).toList();
    }

    /**
     * Returns the names of the objects, then the statements that drop all of them, then those that create them again.
     */
    public String report() {
        Map<Target, Set<String>> titles = new LinkedHashMap<>();
        found.forEach(dependant -> titles.computeIfAbsent(dependant.on(), target -> new LinkedHashSet<>())
                .add(dependant.title()));
        List<Dependant> backwards = new ArrayList<>(found);
        Collections.reverse(backwards);
        return """
                - %s
                Drop them before the run:

                %s

                Create them again after the run, as far as they fit the new schema:

                %s%s""".formatted(
                titles.entrySet().stream()
                        .map(target -> target.getKey() + ":\n    " + String.join("\n    ", target.getValue()))
                        .collect(joining("\n- ")),
                found.stream().map(Dependant::take).distinct().collect(joining("\n")),
                backwards.stream().map(dependant -> dependant.bring().isEmpty()
                        ? "-- from its own definition: " + dependant.title() : withoutTypes(dependant))
                        .distinct().collect(joining("\n")), untried);
    }

    /** Removes casts to a dropped type, which a constant does not need. */
    private String withoutTypes(Dependant dependant) {
        String bring = dependant.bring();
        if (!Set.of("column", "default", "function").contains(dependant.kind())) {
            for (Dependant other : found) {
                ObjectName gone = other.on().object();
                bring = gone.kind().equals(ObjectName.TYPE)
                        ? bring.replaceAll("::(?:\\w+\\.)?" + gone.name() + "\\b(?:\\[\\])?", "") : bring;
            }
        }
        return bring;
    }
}
