package dev.supportdb.support;

import dev.supportdb.run.LiquibaseRunner;
import dev.supportdb.run.TargetDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;

/**
 * A changelog of a few changesets, written by a test into a folder of its own and run on a database of its own.
 *
 * @param say receives what Liquibase would print
 */
public record TinyChangelog(Path folder, TestDatabase database, Consumer<String> say) {

    public static final String FILE = "tiny.yaml";

    public TinyChangelog(Path folder, TestDatabase database) {
        this(folder, database, line -> { });
    }

    /** Writes or replaces the changelog; the changesets are indented by two. */
    public TinyChangelog of(String changeSets) {
        return foreign("- property: {name: supportdb.schema, value: public}\n" + changeSets);
    }

    /** Makes it a changelog of a project that does not know this one. */
    public TinyChangelog foreign(String changeSets) {
        try {
            Files.writeString(folder.resolve(FILE), """
                    databaseChangeLog:
                      - logicalFilePath: tiny.yaml
                    """ + changeSets.indent(2));
            return this;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns one changeset. The SQL may have several lines; without a rollback there is nothing to undo. */
    public static String changeSet(String id, String attributes, String sql, String rollback) {
        return """
                - changeSet:
                    id: "%s"
                    author: test
                """.formatted(id) + attributes.indent(4) + "    changes:\n" + change(sql)
                + (rollback == null ? "    rollback: []\n" : "    rollback:\n" + change(rollback));
    }

    /** Returns a changeset with a backfill, whose parameters are each like {@code "table: orders"}. */
    public static String backfill(String id, String... parameters) {
        return """
                - changeSet:
                    id: %s
                    author: test
                    runInTransaction: false
                    changes:
                      - customChange:
                          class: dev.supportdb.backfill.SqlBackfill
                          params:
                """.formatted(id) + Stream.of(parameters).map(TinyChangelog::parameter).collect(Collectors.joining());
    }

    private static String parameter(String parameter) {
        String[] pair = parameter.split(": ", 2);
        return "            - param: {name: %s, value: \"%s\"}\n".formatted(pair[0], pair[1]);
    }

    private static String change(String sql) {
        return "      - sql:\n          splitStatements: false\n          sql: |\n" + sql.indent(12);
    }

    public String run(String command, Map<String, Object> arguments) throws CommandExecutionException {
        return run(command, null, arguments);
    }

    public String run(String command, String labels, Map<String, Object> arguments) throws CommandExecutionException {
        return migration(database.url(), labels).run(command, arguments);
    }

    /** The SQL of a command that needs no server. */
    public String runOffline(String command) throws CommandExecutionException {
        String url = "offline:postgresql?changeLogFile=" + folder.resolve("history.csv");
        return migration(url, null).run(command, Map.of());
    }

    /** Runs a command on PostgreSQL as Liquibase itself knows it, without any of this project's services. */
    public void runStock(String command, Map<String, Object> arguments) throws LiquibaseException, SQLException {
        try (Database stock = new PostgresDatabase()) {
            stock.setConnection(new JdbcConnection(database.connect()));
            Map<String, Object> all = new HashMap<>(arguments);
            all.put("database", stock);
            migration(database.url(), null).run(command, all);
        }
    }

    private LiquibaseRunner migration(String url, String labels) {
        TargetDatabase target = new TargetDatabase(url, database.username(), database.password(), FILE, "test", labels,
                Map.of());
        return new LiquibaseRunner(target, folder, say, new DefaultChangeExecListener());
    }
}
