package dev.supportdb.review.pack;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import liquibase.change.custom.CustomTaskChange;
import liquibase.database.Database;
import liquibase.database.OfflineConnection;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CustomChangeException;
import liquibase.exception.ValidationErrors;
import liquibase.resource.ResourceAccessor;

/** A change that puts values of rows into its SQL, as a person's class may. */
public final class UpdateOfValues implements CustomTaskChange {

    @Override
    public void execute(Database database) throws CustomChangeException {
        if (database.getConnection() instanceof OfflineConnection) {
            return;
        }
        Connection connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
        try {
            String name = Sql.text(connection, "select min(name) from people");
            Sql.execute(connection, "update people set name = '%s' where amount = 77700077".formatted(name));
        } catch (SQLException e) {
            throw new CustomChangeException(e);
        }
    }

    @Override
    public String getConfirmationMessage() {
        return "done";
    }

    @Override
    public void setUp() {
    }

    @Override
    public void setFileOpener(ResourceAccessor files) {
    }

    @Override
    public ValidationErrors validate(Database database) {
        return new ValidationErrors();
    }
}
