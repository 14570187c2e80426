package dev.supportdb.guest;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;

/**
 * An application that runs Liquibase on a connection of its own, and knows nothing of this project: folder, changelog,
 * URL, user, label filter to update by, or a number of changesets to roll back; the password is in the environment.
 */
final class RunLiquibase {

    private RunLiquibase() {}

    @SuppressWarnings({"resource", "deprecation"}) // Closing the connection is enough.
    public static void main(String[] arguments) throws Exception {
        try (Connection connection =
                DriverManager.getConnection(arguments[2], arguments[3], System.getenv("PASSWORD"))) {
            Liquibase liquibase = new Liquibase(arguments[1], new CompositeResourceAccessor(
                    new DirectoryResourceAccessor(Path.of(arguments[0])), new ClassLoaderResourceAccessor()),
                    new JdbcConnection(connection));
            if (arguments[4].matches("\\d+")) {
                liquibase.rollback(Integer.parseInt(arguments[4]), "");
            } else {
                liquibase.update(new Contexts(), new LabelExpression(arguments[4]));
            }
        }
    }
}
