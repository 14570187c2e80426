package dev.supportdb.objects;

import static dev.supportdb.postgres.SqlStatement.NAME;
import static dev.supportdb.postgres.SqlStatement.pattern;

import dev.supportdb.objects.SchemaEdit.Verb;
import dev.supportdb.postgres.SqlLiteral;
import dev.supportdb.postgres.SqlStatement;
import dev.supportdb.postgres.SqlStatement.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the objects that SQL creates, drops or renames, and the columns whose type it changes. It reads {@code do}
 * blocks too, but no SQL text that is built at run time.
 */
public final class EditReader {

    private static final Pattern DROP = pattern("drop (table|foreign table|view|materialized view|sequence|index"
            + "|function|procedure|routine|aggregate|type|domain|schema|extension|statistics|publication|collation) "
            + "(?:concurrently )?(?:if exists )?(.+)");
    private static final Pattern DROP_PART =
            pattern("drop (trigger|rule|policy) (?:if exists )?" + NAME + " on (?:only )?" + NAME);

    private static final Pattern CREATE_PART = pattern("create (?:or replace )?(?:constraint )?(trigger|rule|policy) "
            + NAME + " .*?\\b(?:on|to) (?:only )?" + NAME);
    private static final Pattern CREATE_POLICY = pattern("create (policy) " + NAME + " on " + NAME);
    private static final Pattern CREATE_RULE =
            pattern("create (?:or replace )?(rule) " + NAME + " as on \\w+ to " + NAME);
    private static final Pattern UNNAMED_INDEX = pattern("create (?:unique )?index (?:concurrently )?on (?:only )?"
            + NAME + "\\s*(?:using \\w+\\s*)?\\(\\s*(\\w+)");

    /** Clauses that give a table columns that its statement does not list. */
    private static final Pattern UNLISTED_COLUMNS = pattern("create (?:(?:unlogged|temp|temporary) )?table "
            + "(?:if not exists )?" + NAME + "(?:.*\\bas[\\s(]+(?:select|table|values|with|execute)\\b.*"
            + "|\\s*\\((?:.*,)?\\s*like\\s.*| of .*)");

    private static final Pattern ADD_CONSTRAINT = pattern("(?:add )?constraint " + NAME);
    private static final Pattern ADD_COLUMN = pattern("add (?:column )?(?:if not exists )?" + NAME);
    private static final Pattern CLAUSE =
            pattern("(?:add )?(?:primary key|unique|foreign key|check|exclude|like|constraint)\\b");
    private static final Pattern KEY_COLUMNS = pattern("(?:add )?(unique|foreign key)[^(]*\\(([^)]*)\\)");
    private static final Pattern NAMED_INSIDE = pattern("\\bconstraint " + NAME);
    private static final Pattern INSIDE = Pattern.compile("\\b(primary\\s+key|unique|references|check)\\b");
    private static final Pattern DROP_CONSTRAINT = pattern("drop constraint (?:if exists )?" + NAME);
    private static final Pattern DROP_COLUMN =
            pattern("drop (?!constraint\\b|not\\b|default\\b)(?:column )?(?:if exists )?" + NAME);
    private static final Pattern SET = pattern("alter (?:column )?" + NAME + " set (not null|default)\\b");
    private static final Pattern COMMENT = pattern("comment on (?:table|column) [^']+ is (?=')");
    private static final Pattern RETYPE = pattern("alter (?:column )?" + NAME + " (?:set data )?type\\b");
    private static final Pattern RENAME_PART = pattern("rename (constraint |column )?(?!to\\b)" + NAME + " to " + NAME);
    private static final Pattern RENAME = pattern("rename to " + NAME);
    private static final Pattern ALTER_RENAME = pattern("alter (foreign table|view|materialized view|sequence|index"
            + "|function|procedure|routine|aggregate|type|domain|schema|statistics|publication|collation) "
            + "(?:if exists )?" + NAME
            + "(?:\\s*\\(.*?\\))? rename to " + NAME);
    private static final Pattern RENAME_TRIGGER =
            pattern("alter (trigger|rule|policy) " + NAME + " on " + NAME + " rename to " + NAME);

    private static final Map<String, String> ENDS = Map.of("unique", "_key", "check", "_check", "references", "_fkey");

    /** The attributes that a column's definition sets. */
    private static final Map<String, Pattern> ATTRIBUTES = Map.of(
            "not null", Pattern.compile("\\b(not\\s+null|primary\\s+key|serial|bigserial|identity)\\b"),
            "default value", Pattern.compile("\\b(default|serial|bigserial)\\b"));
    private static final Pattern HAS_VALUE = Pattern.compile("\\b(default|serial|bigserial|generated|identity)\\b");

    private static final Set<String> BY_TABLE = Set.of("trigger", "rule", "policy");

    private final List<SchemaEdit> edits = new ArrayList<>();

    private EditReader() {
    }

    /** Returns the edits in their order; none for SQL without such edits. */
    public static List<SchemaEdit> read(String sql) {
        EditReader reader = new EditReader();
        SqlStatement.of(sql).forEach(reader::statement);
        return reader.edits;
    }

    private void statement(SqlStatement statement) {
        statement.matches(DROP).ifPresent(drop -> SqlStatement.names(drop.group(2))
                .forEach(name -> add(Verb.DROP, ObjectName.of(kind(drop.group(1)), name))));
        statement.matches(DROP_PART).ifPresent(drop -> add(Verb.DROP, part(drop)));
        statement.matches(ALTER_RENAME).ifPresent(rename -> edits.add(new SchemaEdit(Verb.RENAME,
                ObjectName.of(kind(rename.group(1)), rename.group(2)), rename.group(3))));
        statement.matches(RENAME_TRIGGER)
                .ifPresent(rename -> edits.add(new SchemaEdit(Verb.RENAME, part(rename), rename.group(4))));
        statement.matches(COMMENT).ifPresent(comment -> add(Verb.CREATE, ObjectName.of("comment",
                SqlLiteral.read(statement.text().substring(comment.end())))));
        made(statement);
        statement.actions().forEach(this::action);
    }

    private void made(SqlStatement statement) {
        Optional<Matcher> part = statement.matches(CREATE_POLICY).or(() -> statement.matches(CREATE_RULE))
                .or(() -> statement.matches(CREATE_PART));
        if (part.isPresent()) {
            add(Verb.CREATE, part(part.get()));
            return;
        }
        Optional<Matcher> unnamed = statement.matches(UNNAMED_INDEX);
        if (unnamed.isPresent()) {
            add(Verb.CREATE, ObjectName.of("index", unnamed.get().group(1) + "_" + unnamed.get().group(2) + "_idx"));
            return;
        }
        statement.makes().filter(made -> !BY_TABLE.contains(made.kind())).ifPresent(made -> edits.add(new SchemaEdit(
                Verb.CREATE, ObjectName.of(kind(made.kind()), made.name()), null,
                made.kind().equals(ObjectName.TYPE) ? statement.text() : null, null)));
        statement.matches(UNLISTED_COLUMNS)
                .ifPresent(table -> add(Verb.CREATE, ObjectName.column(table.group(1), OwnObjects.ANY)));
        statement.parts().forEach(clause -> clause(clause, true));
    }

    private void action(Action action) {
        String table = action.table();
        clause(action, false);
        action.matches(DROP_CONSTRAINT)
                .ifPresent(drop -> add(Verb.DROP, ObjectName.constraint(table, drop.group(1))));
        action.matches(DROP_COLUMN).ifPresent(drop -> add(Verb.DROP, ObjectName.column(table, drop.group(1))));
        action.matches(SET).ifPresent(set -> add(Verb.CREATE, new ObjectName(
                set.group(2).startsWith("default") ? "default value" : "not null", table, set.group(1))));
        action.matches(RETYPE).ifPresent(type -> add(Verb.RETYPE, ObjectName.column(table, type.group(1))));
        action.matches(RENAME_PART).ifPresent(rename -> {
            boolean constraint = rename.group(1) != null && rename.group(1).startsWith("constraint");
            edits.add(new SchemaEdit(Verb.RENAME, constraint ? ObjectName.constraint(table, rename.group(2))
                    : ObjectName.column(table, rename.group(2)), rename.group(3)));
        });
        action.matches(RENAME).ifPresent(rename ->
                edits.add(new SchemaEdit(Verb.RENAME, ObjectName.of("table", table), rename.group(1))));
    }

    /** Reads a column or a constraint of a CREATE TABLE, or one that is added to a table. */
    private void clause(Action clause, boolean inCreate) {
        String table = clause.table();
        if (!inCreate && !clause.bare().startsWith("add ")) {
            return;
        }
        Optional<Matcher> constraint = clause.matches(ADD_CONSTRAINT);
        if (constraint.isPresent()) {
            add(Verb.CREATE, ObjectName.constraint(table, constraint.get().group(1)));
        } else if (clause.matches(CLAUSE).isPresent()) {
            clause.matches(KEY_COLUMNS).ifPresentOrElse(key -> add(Verb.CREATE, ObjectName.constraint(table,
                    table + "_" + key.group(2).strip().replaceAll("\\s*,\\s*", "_").replace("\"", "")
                            + (key.group(1).startsWith("unique") ? "_key" : "_fkey"))),
                    () -> add(Verb.CREATE, ObjectName.constraint(table, table
                            + (clause.bare().contains("primary") ? "_pkey" : "_check"))));
        } else {
            Pattern column = inCreate ? pattern(NAME) : ADD_COLUMN;
            clause.matches(column).ifPresent(name -> column(table, name.group(1), clause.bare()));
            if (!inCreate && HAS_VALUE.matcher(clause.bare()).find()) {
                clause.matches(column).ifPresent(name -> add(Verb.ADD, ObjectName.column(table, name.group(1))));
            }
        }
    }

    /** Adds a column with its constraints. A constraint without a name gets PostgreSQL's default name. */
    private void column(String table, String column, String definition) {
        add(Verb.CREATE, ObjectName.column(table, column));
        NAMED_INSIDE.matcher(definition).results()
                .forEach(named -> add(Verb.CREATE, ObjectName.constraint(table, named.group(1))));
        INSIDE.matcher(definition).results().map(found -> found.group(1)).forEach(found ->
                add(Verb.CREATE, ObjectName.constraint(table, found.startsWith("primary") ? table + "_pkey"
                        : table + "_" + column + ENDS.get(found))));
        ATTRIBUTES.forEach((attribute, words) -> {
            if (words.matcher(definition).find()) {
                add(Verb.CREATE, new ObjectName(attribute, table, column));
            }
        });
        if (definition.matches("(?s).*\\b(big|small)?serial\\b.*")) {
            add(Verb.CREATE, ObjectName.of("sequence", table + "_" + column + "_seq"));
        }
    }

    private void add(Verb verb, ObjectName object) {
        edits.add(new SchemaEdit(verb, object));
    }

    private static ObjectName part(Matcher found) {
        return new ObjectName(found.group(1), found.group(3), found.group(2));
    }

    private static String kind(String words) {
        return words.replaceAll("\\s+", " ").replace("routine", ObjectName.ROUTINE);
    }
}
