package shop;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts, which migrates its database, and prints what its pool's sessions are like then. */
@SpringBootApplication
public class Shop {

    private static final String SESSION = """
            select concat_ws(' ', session_user, current_user, current_schema(),
                (select string_agg(name || '=' || setting, ' ' order by name) from pg_settings
                 where source = 'session'))
            """;

    public static void main(String[] arguments) throws SQLException {
        try (ConfigurableApplicationContext application = SpringApplication.run(Shop.class, arguments)) {
            List<Connection> pool = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Connection connection = application.getBean(DataSource.class).getConnection();
                pool.add(connection);
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery(SESSION)) {
                    row.next();
                    System.out.println("session: " + row.getString(1) + " " + connection.getAutoCommit());
                }
            }
            for (Connection connection : pool) {
                connection.close();
            }
        }
    }
}
