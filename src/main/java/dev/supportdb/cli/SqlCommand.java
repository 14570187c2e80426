package dev.supportdb.cli;

import dev.supportdb.changelog.Changelog;
import dev.supportdb.changelog.NameParser;
import dev.supportdb.changelog.Position;
import dev.supportdb.changelog.PositionRange;
import dev.supportdb.run.OfflineSql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import liquibase.changelog.ChangeSet;
import liquibase.exception.LiquibaseException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "sql", mixinStandardHelpOptions = true,
        description = "Write the SQL that takes a database from one named state to another, and ask no database.",
        footer = "Each of the states has with it what it needs of other branches.")
final class SqlCommand implements Callable<Integer> {

    private static final Path FILE = Path.of("target", "liquibase", "migrate.sql");

    @Mixin
    private PositionOptions destination;

    @Option(names = "--from", paramLabel = "NAME",
            description = "where the database is, by names as those of --to (default: base, with --rollback heads)")
    private String from;

    @Option(names = "--rollback", description = "go back")
    private boolean rollback;

    @Override
    public Integer call() throws IOException, LiquibaseException {
        // Whatever comes, nobody takes the script of another question for the answer to this one.
        Files.deleteIfExists(FILE);
        if (!rollback) {
            destination.otherwise("heads");
        }
        Changelog changelog = destination.changelog();
        NameParser names = new NameParser(changelog);
        PositionRange to = new PositionRange(changelog, destination.places(names));
        List<Position> start = destination.places(names, Pattern.compile("\\s+")
                .splitAsStream(from != null ? from.strip() : rollback ? "heads" : "base"));
        List<ChangeSet> ran = new PositionRange(changelog, start).state();
        List<ChangeSet> these = new ArrayList<>(rollback ? to.behind() : to.stateAfter(ran));
        if (rollback) {
            these.retainAll(ran);
        } else {
            these.removeAll(ran);
        }

        MigrationProgress work = new MigrationProgress();
        OfflineSql offline = new OfflineSql(destination.target(), Path.of(""), changelog, work);
        String sql = rollback ? offline.rollback(these, ran) : offline.update(these, ran);
        if (work.changesets() == 0) {
            System.out.printf("Nothing is to %s between these two, and no SQL has been written; "
                    + "make %s goes the other way.%n", rollback ? "undo" : "run", rollback ? "sql" : "rollback-sql");
            return 0;
        }
        Files.createDirectories(FILE.getParent());
        Files.writeString(FILE, "-- %s%n%s".formatted(typed(), sql));
        System.out.printf("%s written to %s%n", MigrationProgress.changesets(work.changesets()), FILE);
        return 0;
    }

    /** What writes the same again. */
    private String typed() {
        return "make %s%s%s".formatted(rollback ? "rollback-sql" : "sql",
                from == null ? "" : " from='%s'".formatted(from), destination.makeArguments()).replaceAll("\\s+", " ");
    }
}
