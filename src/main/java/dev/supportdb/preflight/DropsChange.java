package dev.supportdb.preflight;

import dev.supportdb.objects.SchemaEdit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import liquibase.change.AbstractChange;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;
import liquibase.parser.core.ParsedNode;
import liquibase.parser.core.ParsedNodeException;
import liquibase.resource.ResourceAccessor;
import liquibase.statement.SqlStatement;

/**
 * Declares the objects that a changeset drops, if its SQL does not show them because it is built at run time. Changes
 * nothing. In a changelog it is {@code drops}; {@code objects} are comma-separated names, each with its kind:
 * {@code table orders, column orders.note, trigger orders.audit, function f}.
 */
@DatabaseChange(name = "drops", description = "Says which objects a changeset drops",
        priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class DropsChange extends AbstractChange {

    /** Declared, because Liquibase would otherwise find it out by calling this class. */
    private static final String EVERY_DATABASE = "all";
    private static final String NO_DATABASE = "none";

    private String objects;

    @Override
    public void load(ParsedNode node, ResourceAccessor resources) throws ParsedNodeException {
        super.load(node, resources);
        try {
            edits();
        } catch (IllegalArgumentException | NullPointerException e) {
            throw new ParsedNodeException("'drops' needs a list of objects with their kinds, such as: table orders, "
                    + "column orders.note; not: %s".formatted(objects), e);
        }
    }

    Stream<SchemaEdit> edits() {
        List<SchemaEdit> edits = Arrays.stream(objects.split(",")).map(String::strip).map(SchemaEdit::drop).toList();
        return edits.stream();
    }

    @Override
    public SqlStatement[] generateStatements(Database database) {
        return SqlStatement.EMPTY_SQL_STATEMENT;
    }

    @Override
    public String getConfirmationMessage() {
        return "Drops " + objects;
    }

    @DatabaseChangeProperty(requiredForDatabase = NO_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getObjects() {
        return objects;
    }

    public void setObjects(String objects) {
        this.objects = objects;
    }
}
