package dev.supportdb.deploy;

import dev.supportdb.postgres.DatabaseUrl;
import dev.supportdb.postgres.PostgresPrograms;
import dev.supportdb.postgres.PrintableText;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.TargetDatabase;
import dev.supportdb.verify.ScratchDatabase;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;

/**
 * Restores a backup into a new database beside the original, which stays unchanged. The new database gets its name once
 * it is proven; until then, and after a failure, no database of that name exists.
 *
 * @param server      a database of the server on which it is created
 * @param jobs        how many sessions restore at once
 * @param environment the variables of the process
 * @param say         receives a line for each thing that was done
 */
public record Restore(TargetDatabase server, int jobs, Map<String, String> environment, Consumer<String> say) {

    /**
     * Restores and proves it.
     *
     * @param name the name of the database, which must not exist yet
     * @return what must be done by hand before the application uses it, as statements for psql; may be empty
     * @throws IOException if the backup was changed after it was made, or its proof fails
     */
    public String into(String name, BackupFolder backup) throws IOException, SQLException, LiquibaseException {
        if (!Files.isDirectory(backup.path())) {
            throw new IOException("There is no backup " + backup);
        }
        backup.checkSums();
        Properties properties = backup.properties();
        BackupContents contents = BackupContents.read(backup.path().resolve(BackupFolder.CONTENTS));
        boolean isCopy = properties.getProperty("way", "").equals("template");
        if (!isCopy && !Files.isDirectory(backup.dump())) {
            throw new IOException("%s was made by another program (%s), which has to restore it".formatted(backup,
                    properties.getProperty("by")));
        }
        say.accept(PrintableText.line("Restore   %s of %s, made %s".formatted(backup,
                properties.getProperty("database"), properties.getProperty("made"))));
        try (Connection connection = server.connect()) {
            Backup.requireMajor(connection, properties, "The server");
            requireNew(connection, name);
            requireRoles(connection, contents.roles());
        }
        TargetDatabase elsewhere = isCopy ? Backup.elsewhere(server) : server;
        try (ScratchDatabase database = isCopy
                ? ScratchDatabase.copyOf(properties.getProperty("copy"), elsewhere, "support_restore")
                : ScratchDatabase.like(properties.getProperty("create"), server, "support_restore")) {
            if (isCopy) {
                requireSame(contents, database);
            } else {
                new RestoreProof(PostgresPrograms.of(Integer.parseInt(properties.getProperty("major")), environment),
                        jobs).restore(backup, contents, database);
            }
            database.keepAs(name);
        }
        say.accept("          %s: the same as when the backup was made".formatted(contents.summary()));
        return isCopy ? "" : Files.readString(backup.path().resolve(BackupFolder.DATABASE));
    }

    /**
     * Returns the rows that the server's database has and a restored one has not.
     *
     * @param name the name of the restored database
     */
    public List<RowsSinceBackup> rowsSince(String name) throws SQLException {
        String url = DatabaseUrl.of(server.url(), "The URL").withDatabase(encoded(name)).jdbc();
        return RowsSinceBackup.of(server, server.at(url, server.username(), server.password()));
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static void requireSame(BackupContents contents, ScratchDatabase database)
            throws IOException, SQLException {
        try (Connection copied = database.connect()) {
            String difference = contents.differenceTo(BackupContents.of(copied));
            if (!difference.isEmpty()) {
                throw new IOException("The copy is not what the database was:\n" + difference);
            }
        }
    }

    private static void requireNew(Connection connection, String name) throws SQLException, CommandExecutionException {
        if (Sql.exists(connection, "select from pg_database where datname = ?", name)) {
            throw new CommandExecutionException("""
                    There is a database %s already, and a backup is restored into a new one. \
                    Nothing has been changed."""
                    .formatted(name));
        }
    }

    private static void requireRoles(Connection connection, List<String> roles)
            throws SQLException, CommandExecutionException {
        List<String> missing = Sql.texts(connection, """
                select format('create role %I;', role) from unnest(?::text[]) role
                where not exists (select from pg_roles where rolname = role)
                """, (Object) roles.toArray(String[]::new));
        if (!missing.isEmpty()) {
            throw new CommandExecutionException("""
                    The server lacks roles that own something in the backup, or have rights there. As a superuser run:
                      %s
                    Nothing has been changed.""".formatted(String.join("\n  ", missing)));
        }
    }
}
