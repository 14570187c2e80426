package dev.supportdb.objects;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;

/** Check constraints of other people that refuse values which a column is about to get. */
public final class ForeignChecks {

    private static final String CHECK_VIOLATION = "23514";

    private static final String CHECKS = """
            select conname, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
            from pg_constraint k
            where conrelid = ?::regclass and contype = 'c'
              and exists (select from pg_attribute where attrelid = conrelid and attnum = any (conkey) and attname = ?)
            order by 1
            """;

    private final Connection connection;
    private final OwnObjects own;

    /** @param connection in a transaction that is rolled back afterwards */
    public ForeignChecks(Connection connection, OwnObjects own) {
        this.connection = connection;
        this.own = own;
    }

    /**
     * Tries each check on an empty clone of the table, with one row that has only the value, so a check on other
     * columns as well does not refuse it. Returns a paragraph for each check that refuses a value, with its statements.
     */
    public List<String> refusing(String table, String column, List<String> values) throws SQLException {
        List<String> refusals = new ArrayList<>();
        if (!Sql.exists(connection, "select from pg_attribute where attrelid = to_regclass(?) and attname = ?",
                table, column)) {
            return refusals;
        }
        List<String[]> checks = Sql.rows(connection, CHECKS,
                row -> new String[] {row.getString(1), row.getString(2), row.getString(3)}, table, column);
        for (String[] check : checks) {
            if (own.have(ObjectName.constraint(table, check[0]))) {
                continue;
            }
            List<String> refused = new ArrayList<>();
            for (String value : values) {
                if (refuses(table, column, check[2], value)) {
                    refused.add(value);
                }
            }
            if (!refused.isEmpty()) {
                refusals.add("""
                        - constraint %2$s on %1$s refuses %3$s in %4$s. Drop it before the run:

                        alter table %1$s drop constraint %2$s;

                        Add it again after the run, with the new values:

                        alter table %1$s add constraint %2$s %5$s;
                        """.formatted(table, check[1], String.join(", ", refused), column, check[2]));
            }
        }
        return refusals;
    }

    private boolean refuses(String table, String column, String definition, String value) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            Sql.execute(connection, "create temp table checked as select * from %s limit 0".formatted(table));
            Sql.execute(connection, "alter table checked add " + definition.replaceFirst(" NOT VALID$", ""));
            Sql.update(connection, "insert into checked (%s) select ?".formatted(column), value);
            return false;
        } catch (SQLException e) {
            return CHECK_VIOLATION.equals(e.getSQLState());
        } finally {
            connection.rollback(before);
        }
    }
}
