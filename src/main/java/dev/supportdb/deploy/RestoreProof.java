package dev.supportdb.deploy;

import dev.supportdb.postgres.LibpqVariables;
import dev.supportdb.postgres.Plural;
import dev.supportdb.postgres.PostgresPrograms;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.ScratchDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Proves a dump: restores it into a new database and compares everything in it with the recorded contents. An exit code
 * 0 of pg_restore alone proves nothing.
 *
 * @param jobs the number of sessions that restore
 */
record RestoreProof(PostgresPrograms programs, int jobs) {

    private static final int LINES_SHOWN = 40;

    /** Restores into an empty database. Throws {@link IOException} if that fails or the contents differ. */
    void restore(BackupFolder backup, BackupContents contents, ScratchDatabase database)
            throws IOException, SQLException {
        TargetDatabase target = database.target();
        Map<String, String> connection = LibpqVariables.of(target.url(), target.username(), target.password());
        try {
            programs.run("pg_restore", connection, List.of("--exit-on-error", "--jobs=" + jobs, "--no-subscriptions",
                    "--dbname=" + connection.get("PGDATABASE"), backup.dump().toString()));
        } catch (IOException e) {
            throw new IOException("The backup does not restore:\n" + shown(e.getMessage()), e);
        }
        String difference;
        try (Connection restored = database.connect()) {
            difference = contents.differenceTo(BackupContents.of(restored));
        }
        if (!difference.isEmpty()) {
            throw new IOException("""
                    The backup restores, but not to what the database held (- the database, + the restored one):
                    """ + shown(difference));
        }
    }

    /** Reads the whole dump and checks that it has the rows of every table. Restores nothing. */
    void list(BackupFolder backup, BackupContents contents, String database) throws IOException {
        String list;
        try {
            list = programs.run("pg_restore", Map.of(), List.of("--list", backup.dump().toString()));
            programs.run("pg_restore", Map.of(), List.of("--file=/dev/null", backup.dump().toString()));
        } catch (IOException e) {
            throw new IOException("The backup cannot be read:\n" + shown(e.getMessage()), e);
        }
        if (list.lines().noneMatch(line -> line.equals(";     dbname: " + database))) {
            throw new IOException("The backup is not of the database " + database);
        }
        List<String> missing = contents.data().tables().keySet().stream().filter(table -> table.contains("."))
                .filter(table -> list.lines().noneMatch(line -> line.contains(" TABLE DATA "
                        + table.replace("\"", "").replaceFirst("\\.", " ") + " "))).toList();
        if (!missing.isEmpty()) {
            throw new IOException("The backup has no rows of " + String.join(", ", missing));
        }
    }

    private static String shown(String lines) {
        List<String> all = lines.lines().toList();
        List<String> shown = new ArrayList<>(all.subList(0, Math.min(all.size(), LINES_SHOWN)));
        if (shown.size() < all.size()) {
            shown.add("and " + Plural.of(all.size() - shown.size(), "more line"));
        }
        return shown.stream().map(line -> "  " + line).collect(Collectors.joining("\n"));
    }
}
