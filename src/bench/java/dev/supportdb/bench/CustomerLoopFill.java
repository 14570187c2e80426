package dev.supportdb.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The contacts of all customers as an application would extract them: read the customers, insert each contact, point
 * each customer at the primary one, all in one transaction.
 */
final class CustomerLoopFill {

    static final FillStrategy CONTESTANT = new TransactionFill("a loop over rows", CustomerLoopFill::run);

    private record Customer(int id, String email, String phone) {}

    private CustomerLoopFill() {
    }

    private static void run(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                        insert into customer_contacts
                            (customer_id, contact_type, contact_value, is_primary, is_verified)
                        values (?, ?, ?, ?, ?) returning id
                        """);
                PreparedStatement update = connection.prepareStatement(
                        "update customers set primary_contact_id = ? where id = ?")) {
            for (Customer customer : customers(connection)) {
                if (customer.email != null && !customer.email.isEmpty()) {
                    update.setInt(1, contact(insert, customer.id, "email", customer.email));
                    update.setInt(2, customer.id);
                    update.executeUpdate();
                }
                if (customer.phone != null && !customer.phone.isEmpty()) {
                    contact(insert, customer.id, "phone", customer.phone);
                }
            }
        }
    }

    private static List<Customer> customers(Connection connection) throws SQLException {
        List<Customer> customers = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select id, email, phone from customers order by id")) {
            while (row.next()) {
                customers.add(new Customer(row.getInt(1), row.getString(2), row.getString(3)));
            }
        }
        return customers;
    }

    /** An e-mail is the primary contact and known to be the customer's. */
    private static int contact(PreparedStatement insert, int customer, String type, String value)
            throws SQLException {
        boolean email = type.equals("email");
        insert.setInt(1, customer);
        insert.setString(2, type);
        insert.setString(3, value);
        insert.setBoolean(4, email);
        insert.setBoolean(5, email);
        try (ResultSet row = insert.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }
}
