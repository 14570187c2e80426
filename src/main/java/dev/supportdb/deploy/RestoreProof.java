package dev.supportdb.deploy;

import dev.supportdb.postgres.LibpqVariables;
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
 * The proof of a dump: it is restored into a database of its own, and all that is in there is compared with what the
 * dump must hold. That the program ends with 0 proves nothing.
 *
 * @param jobs   how many sessions restore at once
 */
record RestoreProof(PostgresPrograms programs, int jobs) {

    private static final int LINES_SHOWN = 40;

    /** Restores into an empty database; throws {@link IOException} where that fails or is not what it must be. */
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

    /** Reads all of it, and looks for the rows of every table; restores nothing. */
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
            shown.add("and %,d more lines".formatted(all.size() - shown.size()));
        }
        return shown.stream().map(line -> "  " + line).collect(Collectors.joining("\n"));
    }
}
