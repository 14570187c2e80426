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

/**
 * Other people's objects that depend on what a run drops or changes: what would be dropped with it without a word, and
 * what would stop the run half-way.
 */
public final class ForeignObjects {

    private static final String PRIVILEGES = "privileges";

    private final List<Dependant> found;
    private final List<Dependant> privileges;

    private ForeignObjects(List<Dependant> all) {
        this.found = all.stream().filter(dependant -> !dependant.kind().equals(PRIVILEGES)).toList();
        this.privileges = all.stream().filter(dependant -> dependant.kind().equals(PRIVILEGES)).toList();
    }

    /** Asks the catalogue within the caller's transaction, whose search path is no longer the same afterwards. */
    public static ForeignObjects of(Connection connection, SchemaPlan plan, OwnObjects own) throws SQLException {
        List<Target> targets = plan.targets();
        if (targets.isEmpty()) {
            return new ForeignObjects(List.of());
        }
        String path = Sql.text(connection, "select current_setting('search_path')");
        Object schemas = Sql.row(connection, "select current_schemas(false)::text[]", row -> row.getArray(1));
        Sql.execute(connection, "set local search_path = pg_catalog, pg_temp; set local quote_all_identifiers = off; "
                + "set local jit = off");
        List<Dependant> all = Sql.rows(connection, Resource.DEPENDANTS, row -> {
            Target target = targets.get(row.getInt("n") - 1);
            return new Dependant(row.getString("kind"), row.getString("schema"), row.getString("of_table"),
                    row.getString("name"), row.getString("take"), row.getString("bring"),
                    row.getBoolean("may_replace"), target);
        }, array(connection, targets, Target::verb), array(connection, targets, target -> target.object().kind()),
                array(connection, targets, target -> target.object().table()),
                array(connection, targets, target -> target.object().name()), schemas);
        List<Dependant> foreign = new ArrayList<>(all.stream().filter(dependant -> !own.have(dependant)).toList());
        // What brings an index back also says what it is used for.
        foreign.removeIf(dependant -> dependant.kind().equals("setting") && foreign.stream()
                .anyMatch(index -> index.kind().equals("index") && index.name().equals(dependant.name())));
        foreign.removeAll(new ReplacementTrial(connection, path, plan.types()).carried(foreign));
        return new ForeignObjects(foreign);
    }

    private static Object array(Connection connection, List<Target> targets, Function<Target, String> part)
            throws SQLException {
        return connection.createArrayOf("text", targets.stream().map(part).toArray());
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** A paragraph for each table or view that goes with the privileges that somebody has on it. */
    public List<String> notices() {
        return privileges.stream()
                .map(on -> "The privileges on %s go with it (%s). To give them again:%n%s"
                        .formatted(on.name(), on.on().at(), on.bring())).toList();
    }

    /** Each by its name, then the statements that take all of them away, then those that bring them back. */
    public String report() {
        Map<Target, Set<String>> titles = new LinkedHashMap<>();
        found.forEach(dependant -> titles.computeIfAbsent(dependant.on(), target -> new LinkedHashSet<>())
                .add(dependant.title()));
        List<Dependant> backwards = new ArrayList<>(found);
        Collections.reverse(backwards);
        return """
                - %s
                Take them away before the run:

                %s

                Bring them back after it, as far as they fit what is there then:

                %s""".formatted(
                titles.entrySet().stream()
                        .map(target -> target.getKey() + ":\n    " + String.join("\n    ", target.getValue()))
                        .collect(joining("\n- ")),
                found.stream().map(Dependant::take).distinct().collect(joining("\n")),
                backwards.stream().map(dependant -> dependant.bring().isEmpty()
                        ? "-- by its own definition: " + dependant.title() : withoutTypes(dependant))
                        .distinct().collect(joining("\n")));
    }

    /** A constant needs no cast where its type is gone. */
    private String withoutTypes(Dependant dependant) {
        String bring = dependant.bring();
        if (!Set.of("column", "function").contains(dependant.kind())) {
            for (Dependant other : found) {
                ObjectName gone = other.on().object();
                bring = gone.kind().equals(ObjectName.TYPE)
                        ? bring.replaceAll("::(?:\\w+\\.)?" + gone.name() + "\\b(?:\\[\\])?", "") : bring;
            }
        }
        return bring;
    }
}
