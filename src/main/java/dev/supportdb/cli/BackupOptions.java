package dev.supportdb.cli;

import dev.supportdb.deploy.Backup;
import dev.supportdb.deploy.BackupFolder;
import dev.supportdb.deploy.Proof;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options for making a backup and for its proof. */
final class BackupOptions {

    static final int MOST_JOBS = 64;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private ScratchServerOptions scratch;

    @Option(names = "--backup-with", defaultValue = "pg_dump", paramLabel = "WAY",
            description = "pg_dump; template: a copy on the same server, to which nobody may be connected; command: a "
                    + "program of your own; for deploy also none (default: ${DEFAULT-VALUE})")
    private String way;

    @Option(names = "--verify-backup", defaultValue = "full", paramLabel = "PROOF",
            description = "full: restored and compared; list: read from end to end; recent=24h: list while a full "
                    + "proof is not older, else full (default: ${DEFAULT-VALUE})")
    private String proof;

    @Option(names = "--backup-dir", defaultValue = "${env:BACKUP_DIR}", paramLabel = "FOLDER",
            description = "folder for backups (default: backups, or BACKUP_DIR in the environment)")
    private Path folder = CallingFolder.ofProject("backups");

    @Option(names = "--jobs", defaultValue = "2", paramLabel = "COUNT",
            description = "number of sessions that dump and restore in parallel (default: ${DEFAULT-VALUE})")
    private int jobs;

    @Option(names = "--backup-command", defaultValue = "${env:BACKUP_COMMAND}", paramLabel = "COMMAND",
            description = "with --backup-with=command: makes the backup, and prints its name as the last line")
    private String backupCommand;

    @Option(names = "--proof-command", defaultValue = "${env:PROOF_COMMAND}", paramLabel = "COMMAND",
            description = "with --backup-with=command: proves the backup named in SUPPORTDB_BACKUP")
    private String proofCommand;

    ScratchServerOptions scratch() {
        return scratch;
    }

    Path folder() {
        return folder;
    }

    boolean isNone() {
        return way.equals("none");
    }

    boolean isDump() {
        return way.equals("pg_dump");
    }

    /** Checks the options before anything starts. A deployment may also be told to make no backup. */
    void check() {
        if (!List.of("pg_dump", "template", "command", "none").contains(way)) {
            throw misuse("A backup is made with pg_dump, template, command or none, not with '%s'".formatted(way));
        }
        proof();
        jobs();
        if (way.equals("command")) {
            given();
            proven();
        }
    }

    /** Makes a backup, after a check of the options. */
    BackupFolder make(TargetDatabase target, Consumer<String> say)
            throws IOException, SQLException, LiquibaseException {
        Backup backup = new Backup(
                new Backup.Settings(target, scratch.server(target), folder, proof(), jobs(), System.getenv()), say);
        return switch (way) {
            case "pg_dump" -> backup.dump();
            case "template" -> backup.copy();
            case "command" -> backup.by(given(), proven());
            default -> throw misuse("A backup is made with pg_dump, template or command, not with '%s'".formatted(way));
        };
    }

    private int jobs() {
        if (jobs < 1 || jobs > MOST_JOBS) {
            throw misuse("--jobs is a number from 1 to %d, not %d".formatted(MOST_JOBS, jobs));
        }
        return jobs;
    }

    private Proof proof() {
        try {
            return Proof.of(proof);
        } catch (IllegalArgumentException e) {
            throw misuse(e.getMessage());
        }
    }

    private String given() {
        if (backupCommand == null || backupCommand.isBlank()) {
            throw misuse("--backup-with=command needs --backup-command, or BACKUP_COMMAND in the environment");
        }
        return backupCommand;
    }

    private String proven() {
        boolean isMissing = proofCommand == null || proofCommand.isBlank();
        if (isMissing && proof().kind() != Proof.Kind.LIST) {
            throw misuse("--backup-with=command needs --proof-command, or PROOF_COMMAND in the environment; without a "
                    + "proof, give --verify-backup=list");
        }
        return isMissing ? null : proofCommand;
    }

    private ParameterException misuse(String why) {
        return new ParameterException(command.commandLine(), why);
    }
}
