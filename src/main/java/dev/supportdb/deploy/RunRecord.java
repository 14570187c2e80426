package dev.supportdb.deploy;

import dev.supportdb.postgres.ChildProgram;
import dev.supportdb.postgres.Sql;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * A run as recorded in the database itself, also one that was rolled back, of which Liquibase's history keeps nothing.
 * The table is no part of the changelog, of its facts or of any digest; its rows are kept.
 *
 * @param login    the role that ran it
 * @param client   the user and the machine
 * @param revision of the files; empty if they are in no Git repository
 * @param command  the command as typed, without secrets
 * @param plan     hash of the plan; may be empty
 * @param backup   where the backup is; may be empty
 * @param proof    how it was proven; may be empty
 * @param result   {@code began}, then {@code done}, {@code not verified}, {@code failed} or {@code rolled back};
 *                 a run that was killed only began; {@code undone} by a rollback that a person ran
 * @param applied  how many changesets it ran
 * @param detail   why it failed, without a value of a row; may be empty
 * @param reads    after the phase backfill, how often columns of an old shape have been named, as JSON; else null
 */
public record RunRecord(Instant started, Instant ended, String login, String client, String revision, String command,
        String plan, String backup, String proof, String result, int applied, String detail,
        String reads) {

    private static final String TABLE = """
            create table if not exists public.supportdb_runs (
                started timestamptz not null, ended timestamptz not null default clock_timestamp(),
                login text not null default current_user, client text not null, revision text not null,
                command text not null, plan text not null, backup text not null, proof text not null,
                result text not null, applied int not null, detail text not null, reads jsonb)""";

    /** Rules that keep the rows unchanged. A trigger would need a function as another object. */
    private static final String APPEND_ONLY = """
            comment on table public.supportdb_runs is 'The runs of ./supportdb deploy; see ./supportdb runs';
            create or replace rule no_update as on update to public.supportdb_runs do instead nothing;
            create or replace rule no_delete as on delete to public.supportdb_runs do instead nothing""";

    /** Returns whether the database has the table of runs. */
    static boolean areKept(Connection connection) throws SQLException {
        return Sql.isTrue(connection, "select to_regclass('public.supportdb_runs') is not null");
    }

    /** Writes the record. The first one creates the table. */
    void write(TargetDatabase target) throws SQLException {
        try (Connection connection = Backup.connect(target)) {
            if (!areKept(connection)) {
                Sql.execute(connection, TABLE + ";" + APPEND_ONLY);
            }
            insert(connection);
        }
    }

    /** Records that changesets were undone, if the database records deployments. */
    public static void undone(TargetDatabase target, String command, int changesets) throws SQLException {
        try (Connection connection = Backup.connect(target)) {
            if (changesets > 0 && areKept(connection)) {
                Instant now = Instant.now();
                new RunRecord(now, now, "", whoAndWhere(), gitRevision(), command, "", "", "", "undone", changesets, "",
                        null).insert(connection);
            }
        }
    }

    private void insert(Connection connection) throws SQLException {
        Sql.update(connection, """
                insert into public.supportdb_runs (started, client, revision, command, plan, backup, proof, result,
                    applied, detail, reads) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb)
                """, OffsetDateTime.ofInstant(started, ZoneOffset.UTC), client, revision, command, plan, backup, proof,
                result, applied, detail, reads);
    }

    /** The user and the machine of this run. */
    static String whoAndWhere() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (IOException unknown) {
            host = "unknown";
        }
        return System.getProperty("user.name") + "@" + host;
    }

    /** The revision of the files in the working folder. */
    static String gitRevision() {
        try {
            return ChildProgram.run(List.of("git", "rev-parse", "--short=12", "HEAD"), Map.of());
        } catch (IOException noRepository) {
            return "";
        }
    }

    /** Returns all runs of a database, newest first. */
    public static List<RunRecord> of(TargetDatabase target) throws SQLException {
        try (Connection connection = target.connect()) {
            return !areKept(connection) ? List.of() : Sql.rows(connection, """
                    select * from public.supportdb_runs order by started desc, ended desc
                    """, row -> new RunRecord(row.getTimestamp("started").toInstant(),
                    row.getTimestamp("ended").toInstant(), row.getString("login"), row.getString("client"),
                    row.getString("revision"), row.getString("command"), row.getString("plan"),
                    row.getString("backup"), row.getString("proof"), row.getString("result"), row.getInt("applied"),
                    row.getString("detail"), row.getString("reads")));
        }
    }
}
