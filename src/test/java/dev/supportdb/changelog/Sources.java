package dev.supportdb.changelog;

import dev.supportdb.deploy.Rehearsal;
import dev.supportdb.support.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Rows for the tables that later features derive values from and that legacy data has none of, so that their fills have
 * something to do.
 */
public final class Sources {

    /** Each table that has not been seen yet, with the feature the rehearsal writes it for. */
    private final Map<String, String> unseen = new HashMap<>(Map.of(
            "satisfaction_surveys", "015_satisfaction_rating",
            "ticket_audit_log", "021_ticket_status_changes",
            "messages", "028_customer_score"));
    private final TestDatabase database;

    public Sources(TestDatabase database) {
        this.database = database;
    }

    /** Fills every such table that exists by now and is empty. */
    public void fill() throws SQLException {
        if (unseen.isEmpty()) {
            return;
        }
        for (String table : database.texts("select relname from pg_class where relkind = 'r'")) {
            String feature = unseen.remove(table);
            if (feature != null && database.count("select count(*) from " + table) == 0) {
                database.execute(sql(feature));
            }
        }
    }

    private static String sql(String feature) {
        try (InputStream file = Rehearsal.class.getResourceAsStream("rehearsal/" + feature + ".sql")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
