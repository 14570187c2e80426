package dev.supportdb.backfill;

/**
 * Computes {@code tickets.first_response_time_seconds} and {@code resolution_time_seconds}, in one pass, for the
 * tickets that were there before triggers did; whole seconds, NULL where there is no answer yet. An application may
 * have written into these columns before: {@code ticket_response_times_before} holds what, and the undo puts it back.
 */
public final class ResponseTimes extends Backfill {

    @Override
    protected Plan plan() {
        return Plan.of("response_times", "tickets")
                .fill("""
                        resolution_time_seconds is distinct from seconds_between(created_at, resolved_at)
                        or first_response_time_seconds is distinct from first_response_seconds(id, created_at)""", """
                        update tickets set
                            resolution_time_seconds = seconds_between(created_at, resolved_at),
                            first_response_time_seconds = first_response_seconds(id, created_at)
                        where id = any(:keys)
                        """)
                .undo("""
                        first_response_time_seconds is not null or resolution_time_seconds is not null
                        or (select true from ticket_response_times_before b where b.ticket_id = tickets.id)""", """
                        update tickets set
                            first_response_time_seconds = written.first_response_time_seconds,
                            resolution_time_seconds = written.resolution_time_seconds
                        from (select t.id, b.first_response_time_seconds, b.resolution_time_seconds
                              from tickets t
                              left join ticket_response_times_before b
                                  on b.ticket_id = t.id and b.ticket_id = any(:keys)
                              where t.id = any(:keys)) written
                        where tickets.id = written.id and tickets.id = any(:keys)
                            and (tickets.first_response_time_seconds, tickets.resolution_time_seconds)
                                is distinct from (written.first_response_time_seconds, written.resolution_time_seconds)
                        """);
    }
}
