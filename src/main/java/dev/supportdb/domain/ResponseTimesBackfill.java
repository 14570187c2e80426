package dev.supportdb.domain;

import dev.supportdb.backfill.Backfill;
import dev.supportdb.backfill.BackfillPlan;
import dev.supportdb.backfill.BackfillSteps;

/**
 * Computes {@code tickets.first_response_time_seconds} and {@code resolution_time_seconds} in one pass, and enables the
 * triggers that maintain them; whole seconds, NULL if there is no answer yet. An application may also write these
 * columns: {@code ticket_response_times_originals} keeps its values, and the undo restores them, for all existing
 * tickets.
 */
public final class ResponseTimesBackfill extends Backfill {

    private static final String COMPUTE = """
            alter table tickets %1$s trigger keep_response_times;
            alter table ticket_comments
                %1$s trigger keep_first_responses_inserted,
                %1$s trigger keep_first_responses_updated,
                %1$s trigger keep_first_responses_deleted
            """;

    private static final String NOT_AS_WRITTEN = """
            first_response_time_seconds is distinct from (
                select o.first_response_time_seconds
                from ticket_response_times_originals o where o.ticket_id = tickets.id)
            or resolution_time_seconds is distinct from (
                select o.resolution_time_seconds
                from ticket_response_times_originals o where o.ticket_id = tickets.id)
            """;

    @Override
    protected BackfillPlan plan() {
        return new BackfillPlan("response_times", "tickets",
                new BackfillSteps(COMPUTE.formatted("enable"), """
                        resolution_time_seconds is distinct from seconds_between(created_at, resolved_at)
                        or first_response_time_seconds is distinct from first_response_seconds(id, created_at)""", """
                        update tickets set
                            resolution_time_seconds = seconds_between(created_at, resolved_at),
                            first_response_time_seconds = first_response_seconds(id, created_at)
                        where id = any(:keys)
                        """, null),
                new BackfillSteps(COMPUTE.formatted("disable"), NOT_AS_WRITTEN, """
                        update tickets set
                            first_response_time_seconds = written.first_response_time_seconds,
                            resolution_time_seconds = written.resolution_time_seconds
                        from (select t.id, o.first_response_time_seconds, o.resolution_time_seconds
                              from tickets t
                              left join ticket_response_times_originals o
                                  on o.ticket_id = t.id and o.ticket_id = any(:keys)
                              where t.id = any(:keys)) written
                        where tickets.id = written.id and tickets.id = any(:keys)
                        """, null),
                true);
    }
}
