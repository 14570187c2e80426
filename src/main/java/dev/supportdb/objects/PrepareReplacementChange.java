package dev.supportdb.objects;

import dev.supportdb.objects.SchemaEdit.Verb;
import dev.supportdb.postgres.LiquibaseExecutor;
import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.RawParameterizedSqlStatement;

/**
 * Builds the indexes and checks of a column on the new column that will replace it, while others read and write. In a
 * changelog it is {@code prepareReplacement}, outside a transaction; in a rollback it is the only change of its
 * changeset.
 *
 * <p>Each copy gets the name of the original and the suffix of the new column; {@link ReplaceColumnChange} removes the
 * suffix. A valid one of this name is kept. In a script nothing is built, because the originals are known only when the
 * script runs; writing a script is refused if there are other people's.
 */
@DatabaseChange(name = "prepareReplacement", priority = ChangeMetaData.PRIORITY_DEFAULT,
        description = "Builds the indexes and checks of a column on another column")
public final class PrepareReplacementChange extends AbstractColumnChange {

    /** The indexes and checks that name the column and not the new one, except the indexes of constraints. */
    private static final String PARTS = """
            select 'index' as kind, c.relname as name, pg_get_indexdef(c.oid) as definition, i.indisunique as marked,
                quote_nullable(obj_description(c.oid, 'pg_class')) as comment,
                array(select format('alter column %%s set statistics %%s', attnum, attstattarget) from pg_attribute
                      where attrelid = c.oid and attstattarget >= 0 order by attnum) as targets
            from pg_index i join pg_class c on c.oid = i.indexrelid
            where i.indrelid = %1$s::regclass and i.indisvalid
              and not exists (select from pg_constraint where conindid = c.oid)
              and exists (select from pg_depend d join pg_attribute a
                            on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
                          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refobjid = i.indrelid
                            and a.attname = ?)
            union all
            select 'constraint', conname, pg_get_constraintdef(oid), convalidated,
                quote_nullable(obj_description(oid, 'pg_constraint')), '{}'
            from pg_constraint k
            where conrelid = %1$s::regclass and contype = 'c' and conislocal
              and exists (select from pg_attribute where attrelid = conrelid and attnum = any (conkey) and attname = ?)
            order by 1, 2
            """;

    /**
     * @param marked  for an index whether it is unique, for a check whether it is valid
     * @param targets for an index, the clauses that set the statistics of its expressions
     */
    private record Part(String kind, String name, String definition, boolean marked, String comment,
            List<String> targets) {

        /** The part of the definition after the names. */
        String rest() {
            return kind.equals("index") ? definition.substring(definition.indexOf(" USING "))
                    : " " + definition.replaceFirst(" NOT VALID$", "");
        }
    }

    private String newColumnName;

    @Override
    public boolean generateStatementsVolatile(Database database) {
        return true;
    }

    @Override
    public SqlStatement[] generateStatements(Database database) {
        if (!(database.getConnection() instanceof JdbcConnection jdbc)
                || !LiquibaseExecutor.updatesDatabase(database)) {
            return SqlStatement.EMPTY_SQL_STATEMENT;
        }
        Connection connection = jdbc.getUnderlyingConnection();
        try {
            boolean autoCommit = connection.getAutoCommit();
            connection.setAutoCommit(false);
            try {
                return statements(connection).map(RawParameterizedSqlStatement::new).toArray(SqlStatement[]::new);
            } finally {
                connection.rollback();
                connection.setAutoCommit(autoCommit);
            }
        } catch (SQLException e) {
            throw new UnexpectedLiquibaseException("Cannot build the indexes and checks of %s.%s on %s: %s"
                    .formatted(getTableName(), getColumnName(), newColumnName, e.getMessage()), e);
        }
    }

    /**
     * The statements that build the parts on the new column. The server writes them: on an empty clone whose new column
     * has the name of the old one.
     */
    private Stream<String> statements(Connection connection) throws SQLException {
        String schema = Sql.text(connection,
                "select relnamespace::regnamespace::text from pg_class where oid = ?::regclass", getTableName());
        String table = Sql.text(connection,
                "select quote_ident(relname) from pg_class where oid = ?::regclass", getTableName());
        Sql.execute(connection, "set local search_path = pg_catalog, pg_temp");
        String original = schema + "." + table;
        List<Part> parts = parts(connection, original).stream()
                .filter(part -> isMissing(connection, schema, part)).toList();
        if (parts.isEmpty()) {
            return Stream.empty();
        }
        String clone = "pg_temp." + table;
        Sql.execute(connection, """
                create temp table %1$s (like %2$s);
                alter table %3$s drop column %4$s;
                alter table %3$s rename column %5$s to %4$s;
                """.formatted(table, original, clone, getColumnName(), newColumnName));
        for (Part part : parts) {
            Sql.execute(connection, create(part, quoted(connection, part.name()), clone, "", ""));
        }
        Sql.execute(connection,
                "alter table %s rename column %s to %s".formatted(clone, getColumnName(), newColumnName));
        List<String> statements = new ArrayList<>();
        for (Part cloned : Sql.rows(connection, PARTS.formatted("'" + clone.replace("'", "''") + "'"),
                PrepareReplacementChange::part, newColumnName, newColumnName)) {
            Part part = parts.stream()
                    .filter(one -> one.kind().equals(cloned.kind()) && one.name().equals(cloned.name()))
                    .findFirst().orElseThrow();
            statements.addAll(build(cloned, part, quoted(connection, twin(part)), schema, original));
        }
        return statements.stream();
    }

    private static List<String> build(Part cloned, Part part, String name, String schema, String table) {
        List<String> statements = new ArrayList<>();
        String comment = part.comment().equals("NULL") ? "" : " is " + part.comment();
        if (part.kind().equals("index")) {
            statements.add("drop index concurrently if exists %s.%s".formatted(schema, name));
            statements.add(create(cloned, name, table, "concurrently ", ""));
            if (!comment.isEmpty()) {
                statements.add("comment on index %s.%s%s".formatted(schema, name, comment));
            }
            part.targets().forEach(target -> statements.add("alter index %s.%s %s".formatted(schema, name, target)));
        } else {
            statements.add("alter table %s drop constraint if exists %s".formatted(table, name));
            statements.add(create(cloned, name, table, "", " not valid"));
            if (part.marked()) {
                statements.add("alter table %s validate constraint %s".formatted(table, name));
            }
            if (!comment.isEmpty()) {
                statements.add("comment on constraint %s on %s%s".formatted(name, table, comment));
            }
        }
        return statements;
    }

    private static String create(Part part, String name, String table, String concurrently, String notValid) {
        return part.kind().equals("index")
                ? "create %sindex %s%s on %s%s"
                        .formatted(part.marked() ? "unique " : "", concurrently, name, table, part.rest())
                : "alter table %s add constraint %s%s%s".formatted(table, name, part.rest(), notValid);
    }

    private List<Part> parts(Connection connection, String table) throws SQLException {
        String query = PARTS.formatted("'" + table.replace("'", "''") + "'");
        List<Part> both = Sql.rows(connection, query, PrepareReplacementChange::part, newColumnName, newColumnName);
        return Sql.rows(connection, query, PrepareReplacementChange::part, getColumnName(), getColumnName()).stream()
                .filter(part -> !both.contains(part)).toList();
    }

    private static Part part(ResultSet row) throws SQLException {
        return new Part(row.getString("kind"), row.getString("name"), row.getString("definition"),
                row.getBoolean("marked"), row.getString("comment"),
                List.of((String[]) row.getArray("targets").getArray()));
    }

    private String twin(Part part) {
        return TwinName.of(part.name(), getColumnName(), newColumnName);
    }

    private boolean isMissing(Connection connection, String schema, Part part) {
        try {
            return !Sql.isTrue(connection, part.kind().equals("index") ? """
                    select exists (select from pg_index join pg_class on oid = indexrelid
                                   where relname = ? and relnamespace = ?::regnamespace and indisvalid)
                    """ : """
                    select exists (select from pg_constraint
                                   where conname = ? and connamespace = ?::regnamespace and convalidated)
                    """, twin(part), schema);
        } catch (SQLException e) {
            throw new UnexpectedLiquibaseException(e);
        }
    }

    private static String quoted(Connection connection, String name) throws SQLException {
        return Sql.text(connection, "select quote_ident(?)", name);
    }

    /** The edits to objects, by their names. */
    public Stream<SchemaEdit> edits() {
        return Stream.of(new SchemaEdit(Verb.PREPARE, ObjectName.column(getTableName(), getColumnName()), null, null,
                newColumnName));
    }

    @Override
    public String getConfirmationMessage() {
        return "Indexes and checks of %s.%s are on %s, too"
                .formatted(getTableName(), getColumnName(), newColumnName);
    }

    @DatabaseChangeProperty(requiredForDatabase = EVERY_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getNewColumnName() {
        return newColumnName;
    }

    public void setNewColumnName(String newColumnName) {
        this.newColumnName = newColumnName;
    }
}
