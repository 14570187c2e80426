package dev.supportdb.objects;

import dev.supportdb.postgres.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Event triggers of other people, which fire for the statements of a run that change the schema. */
public final class EventTriggers {

    /** Selects the enabled event triggers, except those of extensions, which are written for this. */
    private static final String TRIGGERS = """
            select format(E'Event trigger %s (%s%s) fires for statements of this run. Where it raises, the run stops; '
                'the same command resumes. To skip it, as a superuser, before the run and after it:\\n'
                'alter event trigger %1$I disable;\\nalter event trigger %1$I enable%4$s;',
                evtname, evtevent, ', for ' || array_to_string(evttags, ', '),
                case evtenabled when 'A' then ' always' end)
            from pg_event_trigger e
            where evtenabled in ('O', 'A') and evtevent <> 'login' and not exists (
                select from pg_depend where classid = 'pg_event_trigger'::regclass and objid = e.oid and deptype = 'e')
            order by evtname
            """;

    private EventTriggers() {
    }

    /** Returns a paragraph for each, with the statements that keep it from firing during a run. */
    public static List<String> firing(Connection connection) throws SQLException {
        return Sql.texts(connection, TRIGGERS);
    }
}
