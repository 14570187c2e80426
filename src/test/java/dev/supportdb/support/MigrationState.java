package dev.supportdb.support;

import dev.supportdb.run.TargetDatabase;
import java.util.Map;

/**
 * The state to which a test's database is migrated. It is the key of a template: equal states are migrated once.
 *
 * @param tag the tag at which to stop; null for the head
 * @param labels label filter
 * @param contexts Liquibase contexts; {@code dev} has demo data
 * @param tickets how many tickets the demo data has
 */
public record MigrationState(String tag, String labels, String contexts, int tickets) {

    /** The master of the second database's changelog. */
    public static final String ANALYTICS = "changelog/analytics.changelog-master.yaml";

    /** The head without optional extensions and without demo data. */
    public static MigrationState head() {
        return new MigrationState(null, "!vector", "test", 0);
    }

    /** The state before a feature, such as {@code 005_ticket_priority_enum}. */
    public static MigrationState before(String feature) {
        return new MigrationState("before-" + feature, "!vector", "test", 0);
    }

    /** This state under another label filter. */
    public MigrationState labelled(String filter) {
        return new MigrationState(tag, filter, contexts, tickets);
    }

    /** This state with demo data. */
    public MigrationState withTickets(int count) {
        return new MigrationState(tag, labels, "dev", count);
    }

    /**
     * Returns whether a database in the other state can be migrated to this one; tags are in the order of the features.
     */
    boolean follows(MigrationState other) {
        return other.tag != null && (tag == null || tag.compareTo(other.tag) > 0)
                && labels.equals(other.labels) && contexts.equals(other.contexts) && tickets == other.tickets;
    }

    /** The target for a migration that builds the second database. */
    public static TargetDatabase analytics(TestDatabase database) {
        return new TargetDatabase(database.url(), database.username(), database.password(), ANALYTICS, "test", null,
                Map.of());
    }

    /** The target for a migration that brings a database to this state, or further. */
    public TargetDatabase of(TestDatabase database) {
        return new TargetDatabase(database.url(), database.username(), database.password(),
                "changelog/db.changelog-master.yaml", contexts, labels,
                Map.of("demo.rows", Integer.toString(tickets)));
    }
}
