package dev.supportdb.domain;

import static dev.supportdb.support.Recounts.assertRight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.supportdb.support.Databases;
import dev.supportdb.support.MigrationState;
import dev.supportdb.support.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import liquibase.exception.CommandExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contacts follow what an application writes to customers.email and customers.phone. */
final class CustomerContactsTest {

    private TestDatabase database;

    @BeforeEach
    void create() throws SQLException, CommandExecutionException {
        database = Databases.at(MigrationState.head());
        database.execute("""
                insert into customers (email, phone, name) values
                    ('carl@example.com', '+49 1', 'Carl'),
                    ('dora@example.com', null, 'Dora'),
                    ('eve@example.com', '', 'Eve')
                """);
    }

    @AfterEach
    void drop() throws SQLException {
        database.close();
    }

    @Test
    void a_new_customer_has_a_contact_for_each_address_and_the_email_is_primary() throws SQLException {
        assertThat(contacts()).containsExactly(
                "1 email carl@example.com primary verified",
                "1 phone +49 1",
                "2 email dora@example.com primary verified",
                "3 email eve@example.com primary verified");
        assertThat(primaries()).containsExactly("carl@example.com", "dora@example.com", "eve@example.com");
    }

    @Test
    void a_changed_address_changes_the_contact_that_carried_it() throws SQLException {
        List<String> ids = database.texts("select id from customer_contacts order by id");

        database.execute("update customers set email = 'new.' || email, phone = nullif('+49 2', phone) where id < 3");

        assertThat(contacts()).containsExactly(
                "1 email new.carl@example.com primary verified",
                "1 phone +49 2",
                "2 email new.dora@example.com primary verified",
                "2 phone +49 2",
                "3 email eve@example.com primary verified");
        assertThat(database.texts("select id from customer_contacts order by id")).containsAll(ids);
        assertThat(primaries()).containsExactly("new.carl@example.com", "new.dora@example.com", "eve@example.com");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "''"})
    void a_cleared_phone_is_no_contact(String nothing) throws SQLException {
        database.execute("update customers set phone = " + nothing);

        assertThat(contacts()).containsExactly(
                "1 email carl@example.com primary verified",
                "2 email dora@example.com primary verified",
                "3 email eve@example.com primary verified");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "''"})
    void a_cleared_email_leaves_no_primary_contact(String nothing) throws SQLException {
        database.execute("update customers set email = %s where id = 1".formatted(nothing));

        assertThat(contacts()).startsWith("1 phone +49 1");
        assertThat(primaries()).containsExactly(null, "dora@example.com", "eve@example.com");

        database.execute("update customers set email = 'carl@example.org' where id = 1");

        assertThat(contacts()).startsWith("1 email carl@example.org primary verified", "1 phone +49 1");
        assertThat(primaries()).containsExactly("carl@example.org", "dora@example.com", "eve@example.com");
    }

    @Test
    void another_primary_contact_stays_primary() throws SQLException {
        makeMobilePrimary();

        database.execute("update customers set email = 'carl@example.org' where id = 1");
        database.execute("update customers set email = null where id = 1");
        database.execute("update customers set email = 'carl@example.net' where id = 1");

        assertThat(contacts()).startsWith(
                "1 email carl@example.net verified",
                "1 mobile +49 3 primary",
                "1 phone +49 1");
        assertThat(primaries()).startsWith("+49 3");
    }

    @Test
    void a_second_primary_contact_is_refused() {
        assertThatThrownBy(() -> database.execute("""
                insert into customer_contacts (customer_id, contact_type, contact_value, is_primary)
                values (1, 'mobile', '+49 3', true)
                """)).hasMessageContaining("uq_contacts_primary");
    }

    @Test
    void an_unknown_kind_of_contact_is_refused() {
        assertThatThrownBy(() -> database.execute("""
                insert into customer_contacts (customer_id, contact_type, contact_value) values (1, 'fax', '+49 3')
                """)).hasMessageContaining("ck_contacts_type");
    }

    @Test
    void an_address_that_is_a_contact_already_is_not_one_twice() throws SQLException {
        database.execute("""
                insert into customer_contacts (customer_id, contact_type, contact_value)
                values (1, 'phone', '+49 2'), (1, 'email', 'carl@example.org');
                update customers set phone = '+49 2', email = 'carl@example.org' where id = 1;
                """);

        assertThat(contacts()).startsWith(
                "1 email carl@example.org primary",
                "1 phone +49 2",
                "2 email dora@example.com primary verified");
        assertThat(primaries()).startsWith("carl@example.org");
    }

    @Test
    void a_change_of_something_else_writes_no_contact() throws SQLException {
        List<String> versions = database.texts("select xmin from customer_contacts order by id");

        database.execute("update customers set name = 'Nobody', email = email, phone = phone");

        assertThat(database.texts("select xmin from customer_contacts order by id")).isEqualTo(versions);
    }

    @Test
    void a_deleted_customer_takes_the_contacts_along() throws SQLException {
        database.execute("delete from customers where id <> 2");

        assertThat(contacts()).containsExactly("2 email dora@example.com primary verified");
    }

    @Test
    void a_deleted_primary_contact_leaves_the_customer() throws SQLException {
        makeMobilePrimary();

        database.execute("delete from customer_contacts where is_primary and customer_id = 1");

        assertThat(database.texts("select name from customers where primary_contact_id is null"))
                .containsExactly("Carl");
    }

    private void makeMobilePrimary() throws SQLException {
        database.execute("""
                begin;
                update customer_contacts set is_primary = false where customer_id = 1;
                insert into customer_contacts (customer_id, contact_type, contact_value, is_primary)
                values (1, 'mobile', '+49 3', true);
                update customers set primary_contact_id = k.id
                from customer_contacts k where customers.id = 1 and k.customer_id = 1 and k.is_primary;
                commit;
                """);
    }

    private List<String> contacts() throws SQLException {
        assertRight(database, DerivedValueRecount.CONTACTS, DerivedValueRecount.PRIMARY_CONTACT);
        return database.texts("""
                select concat_ws(' ', customer_id, contact_type, contact_value,
                    case when is_primary then 'primary' end, case when is_verified then 'verified' end)
                from customer_contacts order by customer_id, contact_type
                """);
    }

    private List<String> primaries() throws SQLException {
        return database.texts("""
                select k.contact_value from customers c left join customer_contacts k on k.id = c.primary_contact_id
                order by c.id
                """);
    }
}
