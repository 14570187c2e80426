package dev.supportdb.review;

import dev.supportdb.postgres.Sql;
import dev.supportdb.run.TargetDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The schema in a file, as {@code pg_dump --schema-only} writes it, with generated rows.
 *
 * @param file null for an empty database
 */
public record SchemaFile(Path file) implements StartingState {

    /** Tables in which migration tools keep their version; their rows belong to the tool. */
    private static final String OF_TOOLS = """
            select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and c.relname in ('alembic_version', 'flyway_schema_history', 'schema_migrations',
                'ar_internal_metadata', 'django_migrations', 'goose_db_version', 'knex_migrations',
                '_prisma_migrations')
            """;

    @Override
    public Basis make(TargetDatabase scratch, Connection connection, long rows) throws SQLException, IOException {
        if (file == null) {
            return new Basis("an empty database", Map.of());
        }
        String refused;
        try (Connection loading = scratch.connect();
                BufferedReader script = Files.newBufferedReader(file)) {
            refused = ScriptLoader.load(loading, script);
        }
        Map<String, String> empty = GeneratedRows.fill(connection, rows, Set.of());
        for (String table : Sql.texts(connection, OF_TOOLS)) {
            Sql.execute(connection, "delete from " + table);
        }
        Sql.execute(connection, "analyze");
        return new Basis(String.format(Locale.ROOT, "the schema of %s%s; up to %,d rows in a table", file.getFileName(),
                refused.isEmpty() ? "" : ", of which the server refused " + refused, rows), empty);
    }
}
