package dev.supportdb.preflight;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import liquibase.change.AbstractChange;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.changelog.ChangeSet;
import liquibase.configuration.AutoloadedConfigurations;
import liquibase.configuration.ConfigurationDefinition;
import liquibase.database.Database;
import liquibase.parser.core.ParsedNode;
import liquibase.parser.core.ParsedNodeException;
import liquibase.resource.ResourceAccessor;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.RawParameterizedSqlStatement;

/**
 * Fails if a query finds rows, and changes nothing. In a changelog it is {@code refuse}; in a rollback block it comes
 * before the statement that would lose these rows, and is checked before anything is undone.
 *
 * <p>{@code rows} is the query. {@code loses} is the table, or the column as {@code table.column}, whose data a
 * rollback discards; the setting {@code supportdb.rollback.discard} permits that. {@code because} is any other reason,
 * with {@code %s} for the number of rows; no setting overrides it. With {@code ifExists} the query runs only if a table
 * of that name exists.
 */
@DatabaseChange(name = "refuse", description = "Fails where a query finds rows",
        priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class RefuseChange extends AbstractChange {

    /** Registers the setting with Liquibase, as a service. */
    public static final class Settings implements AutoloadedConfigurations {

        /** The name of the setting. */
        public static final String DISCARD = "supportdb.rollback.discard";

        private static final ConfigurationDefinition<String> DISCARDED =
                new ConfigurationDefinition.Builder("supportdb.rollback").define("discard", String.class)
                        .setDescription("Tables and columns whose data a rollback may discard, comma-separated; or all")
                        .setDefaultValue("").build();
    }

    /** The value that discards everything, instead of names. */
    public static final String ALL = "all";

    /** The supported databases, declared because Liquibase would otherwise find them by calling this class. */
    private static final String EVERY_DATABASE = "all";
    private static final String NO_DATABASE = "none";

    /** The number of rows that the message names, by id. */
    private static final int NAMED = 10;

    /** A query that always finds a row, as in the template, for data-loss checks that are still to be written. */
    static final String ALWAYS = "select 1";

    /** A percent sign that is itself meant, as in "50% of", and that the server would take for the start of a value. */
    private static final Pattern STRAY_PERCENT = Pattern.compile("%%|%(?!s|\\d+\\$s)");

    private static final Set<String> PARAMETERS = Set.of("rows", "loses", "because", "ifExists");

    private String rows;
    private String loses;
    private String because;
    private String ifExists;

    /** The tables and columns whose data may be discarded; empty for none. */
    static Set<String> discarded() {
        Set<String> names = new TreeSet<>(List.of(Settings.DISCARDED.getCurrentValue().strip().split("\\s*,\\s*")));
        names.remove("");
        return names;
    }

    /** Returns whether the check is skipped, because its data may be discarded. */
    boolean isGivenUp() {
        return loses != null && (discarded().contains(ALL) || discarded().contains(loses));
    }

    /** The reason why a changeset always fails, if its query is {@link #ALWAYS}. */
    static Optional<String> certainly(ChangeSet changeSet) {
        return changeSet.getChanges().stream().filter(RefuseChange.class::isInstance).map(RefuseChange.class::cast)
                .filter(guard -> guard.rows.strip().equalsIgnoreCase(ALWAYS)).map(RefuseChange::reason).findFirst();
    }

    @Override
    public void load(ParsedNode node, ResourceAccessor resources) throws ParsedNodeException {
        for (ParsedNode parameter : node.getChildren()) {
            if (!PARAMETERS.contains(parameter.getName())) {
                throw new ParsedNodeException("'refuse' has no '%s'; it has rows, loses or because, and ifExists"
                        .formatted(parameter.getName()));
            }
        }
        super.load(node, resources);
        if (rows == null || (loses == null) == (because == null)) {
            throw new ParsedNodeException("'refuse' needs rows, the query, and either loses or because");
        }
    }

    @Override
    public SqlStatement[] generateStatements(Database database) {
        return isGivenUp() ? SqlStatement.EMPTY_SQL_STATEMENT
                : new SqlStatement[] {new RawParameterizedSqlStatement(sql())};
    }

    /** A block that raises an exception with the reason and the first ids as its message, and the query as its hint. */
    String sql() {
        return """
                do $refuse$
                declare
                    _query text := $query$%s$query$;
                    _rows bigint;
                    _ids text;
                begin
                    if %s then
                        execute format('select count(*) from (%%s) _found', _query) into _rows;
                    end if;
                    if _rows > 0 then
                        execute format('select string_agg(id, '', '')
                            from (select to_jsonb(_found) ->> ''id'' as id from (%%s) _found limit %d) _some', _query)
                        into _ids;
                        raise exception using hint = _query, message = format($reason$%s$reason$, _rows,
                            case _rows when 1 then 'row' else 'rows' end) || coalesce(' (id ' || _ids || case when _rows > %d then ', ...' else '' end || ')', '');
                    end if;
                end
                $refuse$""".formatted(rows.strip(),
                ifExists == null ? true : "to_regclass('%s') is not null".formatted(ifExists),
                NAMED, STRAY_PERCENT.matcher(reason()).replaceAll("%%"), NAMED);
    }

    private String reason() {
        return because == null ? "%s %s of " + loses + " would be lost" : because.strip();
    }

    @Override
    public String getConfirmationMessage() {
        return "The data-loss check found nothing";
    }

    @DatabaseChangeProperty(requiredForDatabase = NO_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getRows() {
        return rows;
    }

    public void setRows(String rows) {
        this.rows = rows;
    }

    @DatabaseChangeProperty(requiredForDatabase = NO_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getLoses() {
        return loses;
    }

    public void setLoses(String loses) {
        this.loses = loses;
    }

    @DatabaseChangeProperty(requiredForDatabase = NO_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getBecause() {
        return because;
    }

    public void setBecause(String because) {
        this.because = because;
    }

    @DatabaseChangeProperty(requiredForDatabase = NO_DATABASE, supportsDatabase = EVERY_DATABASE)
    public String getIfExists() {
        return ifExists;
    }

    public void setIfExists(String ifExists) {
        this.ifExists = ifExists;
    }
}
